# SPDX-License-Identifier: MIT
"""Every function has a page in man3 that declares it as the header does; pages are clean and lead somewhere,
and their examples compile."""
import re

from house import CC, INCLUDE, SOURCE, declared, finding, finish, need, run, squeeze

MAN = SOURCE / "man"
# mandoc looks these up among the installed pages; ours are looked up here.
NOT_OURS = ("referenced manual not found", "outdated mandoc.db")


def stub_target(page):
    """What a ".so man3/FAMILY.3" page leads to, or None."""
    hit = re.match(r"\.so (\S+)\n*$", page.read_text())
    return MAN / hit[1] if hit else None


def page_of(name):
    """Text of the page that documents a function: its own, or the one its stub leads to."""
    page = MAN / "man3" / f"{name}.3"
    page = page.exists() and stub_target(page) or page
    return page.read_text() if page.exists() else ""


def synopsis(page):
    """Function name -> (return type, parameters), from .Ft with .Fn, or .Fo, .Fa and .Fc."""
    found = {}
    for kind, name, rest in re.findall(r"^\.Ft (.+)\n\.Fn (\w+)(.*)$", page, re.M):
        found[name] = prototype(kind, [quoted or word for quoted, word in re.findall(r'"([^"]*)"|(\S+)', rest)])
    for kind, name, rest in re.findall(r"^\.Ft (.+)\n\.Fo (\w+)\n(.*?)^\.Fc", page, re.M | re.S):
        found[name] = prototype(kind, re.findall(r'^\.Fa "?([^"\n]*)"?$', rest, re.M))
    return found


def prototype(kind, parameters):
    return squeeze(kind.strip('"')), squeeze(", ".join(parameters))


def check_function(name, wanted):
    page = page_of(name)
    if not page:
        finding(name, "no page or stub in man/man3")
    elif not re.search(rf"^\.Nm {name}\b", page, re.M):
        finding(name, "its page does not name it in NAME")
    elif synopsis(page).get(name) != wanted:
        finding(name, f"its page declares {synopsis(page).get(name)}, the header {wanted}")


def check_page(page):
    lint = run("mandoc", "-T", "lint", page.relative_to(MAN), cwd=MAN)
    for line in (lint.stdout + lint.stderr).splitlines():
        if not any(text in line for text in NOT_OURS):
            finding("man", line)
    for name, section in re.findall(r"^\.Xr (tcpbuf\S*) (\d)", page.read_text(), re.M):
        if not (MAN / f"man{section}" / f"{name}.{section}").exists():
            finding(page.name, f"refers to {name}({section}), which does not exist")


def check_examples(page):
    """What EXAMPLES of a section 3 page shows is a whole program that compiles."""
    section = re.search(r"^\.Sh EXAMPLES$(.*?)^\.Sh", page.read_text(), re.M | re.S)
    for program in re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section[1] if section else "", re.M | re.S):
        if re.search(r"\\(?!e)", program):
            finding(page.name, "EXAMPLES: mandoc shows a backslash only for \\e")
        done = run(CC, "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", f"-I{INCLUDE}",
                   "-x", "c", "-", input=program.replace("\\e", "\\"))
        if done.returncode or "int main" not in program:
            finding(page.name, f"EXAMPLES: {done.stderr or 'no main()'}")


need(CC, "mandoc")
DECLARED = declared()
PAGES = sorted(MAN.glob("man?/*"))
for name, wanted in DECLARED.items():
    check_function(name, wanted)
for page in PAGES:
    if not stub_target(page):
        check_page(page)
        if page.suffix == ".3":
            check_examples(page)
    elif page.stem not in DECLARED:
        finding(page.name, "stub of a function that is not declared")
finish(f"{len(DECLARED)} functions, {len(PAGES)} pages")
