# SPDX-License-Identifier: MIT
"""What the tools and manifests say to others, as those read it: promtool, the Kubernetes client, YAML."""
import json
import os
import shutil
import subprocess
import unittest

import tool
from test_tools_plan import CLASS, NODE, plan, plan_json
from tool import run

try:
    import kubernetes
    import yaml
except ImportError:
    tool.skip_all("needs python3-kubernetes and python3-yaml")


class Accepted(unittest.TestCase):
    def test_promtool_accepts_metrics(self):
        shutil.which("promtool") or tool.skip_all("promtool is not installed")
        text = run("tcpbuf-exporter", "--once", "-").stdout
        done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))

    def test_pod_survives_the_kubernetes_client(self):
        document = yaml.safe_load(plan(*NODE, *CLASS, "--format", "pod").stdout)

        class Response:
            data = json.dumps(document)
        api = kubernetes.client.ApiClient()
        self.assertEqual(api.sanitize_for_serialization(api.deserialize(Response, "V1Pod")), document)
        self.assertEqual({s["name"]: s["value"] for s in document["spec"]["securityContext"]["sysctls"]},
                         {k: v for k, v in plan_json(*CLASS)["settings"].items() if k != "net.ipv4.tcp_mem"})

    def test_rights_are_few_and_explained(self):
        folder = os.path.join(os.environ["TCPBUF_SOURCE_DIR"], "examples", "kubernetes")
        for name in ("daemonset-hostpid.yaml", "daemonset-hostproc.yaml"):
            with open(os.path.join(folder, name)) as file:
                text = file.read()
            pod = list(yaml.safe_load_all(text))[1]["spec"]["template"]["spec"]
            rights = pod["containers"][0]["securityContext"]
            self.assertEqual(rights["capabilities"]["drop"], ["ALL"])
            self.assertNotIn("privileged", rights)
            self.assertNotIn("hostNetwork", pod)
            for right in rights["capabilities"]["add"]:
                self.assertRegex(text, rf"- {right} +# \w+", "a capability without its reason")
            self.assertTrue(all(mount["readOnly"] for mount in pod["containers"][0]["volumeMounts"]))


if __name__ == "__main__":
    tool.main()
