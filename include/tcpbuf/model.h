/* SPDX-License-Identifier: MIT */
/*
 * What a Linux kernel makes of TCP buffer settings. Pure: integers and structs in, integers and
 * structs out; it answers for a kernel that is not running. Any thread.
 */
#ifndef TCPBUF_MODEL_H
#define TCPBUF_MODEL_H

#include <tcpbuf/api.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Bytes of receive window that a receive buffer can promise, Linux 6.6 and later.
 * @scaling_ratio 1..255, the share of a buffer that is payload, in 1/256. A socket starts with 128
 *                (65 on 6.6.0 to 6.9) and measures its own from the first segment on.
 * @space         buffer bytes, 0..INT32_MAX.
 * Returns 0..INT32_MAX; -ERANGE: an argument is out of range. Since 0.1.
 * Kernel: tcp_win_from_space(), include/net/tcp.h, since 6.6.
 */
TCPBUF_API int64_t tcpbuf_model_win_from_space(uint32_t scaling_ratio, int64_t space);

/*
 * Bytes of receive buffer that a window asks for, Linux 6.6 and later. The window of that buffer
 * is this one, or one byte less.
 * @scaling_ratio 1..255, as above. @win window bytes, 0..INT32_MAX.
 * Returns the bytes, more than INT32_MAX where no buffer can hold the window; -ERANGE: an argument
 * is out of range. Since 0.1.
 * Kernel: tcp_space_from_win(), include/net/tcp.h, since 6.6; it keeps the lower 32 bits only.
 */
TCPBUF_API int64_t tcpbuf_model_space_from_win(uint32_t scaling_ratio, int64_t win);

/*
 * The same up to Linux 6.5, where the sysctl tcp_adv_win_scale gives the share: N > 0 keeps
 * 1/2^N of the buffer for overhead, N <= 0 promises 1/2^-N of it.
 * @adv_win_scale -31..31. @space buffer bytes, 0..INT32_MAX.
 * Returns 0..INT32_MAX; -ERANGE: an argument is out of range. Since 0.1.
 * Kernel: tcp_win_from_space(), include/net/tcp.h, up to 6.5.
 */
TCPBUF_API int64_t tcpbuf_model_win_from_space_legacy(int32_t adv_win_scale, int64_t space);

/*
 * The least receive buffer that holds a window, up to Linux 6.5.
 * @adv_win_scale -31..31. @win window bytes, 0..INT32_MAX.
 * Returns the bytes, more than INT32_MAX where no buffer can hold the window; -ERANGE: an argument
 * is out of range. Since 0.1.
 */
TCPBUF_API int64_t tcpbuf_model_space_from_win_legacy(int32_t adv_win_scale, int64_t win);

#ifdef __cplusplus
}
#endif

#endif
