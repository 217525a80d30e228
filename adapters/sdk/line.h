#ifndef LINE_H_
#define LINE_H_

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/err.h"
#include "sdk/device.h"
#include "wire/frame.h"

/*
 * line -- one connection to the broker: a socket, and what happened to it.
 *
 * libzmq does not reconnect by itself here; when a line is gone it is closed
 * and a new one opened.  libzmq's own monitor, of which one connection makes
 * only a handful of events, says how it went; so a refused key is told apart
 * from a broker that is not there.
 */
enum line_state {
	LINE_TRYING,   /* not connected yet */
	LINE_OPEN,     /* keys agreed: messages may pass */
	LINE_NOBODY,   /* nobody listens there, or the connection is gone */
	LINE_STRANGER, /* the broker does not know this key, or is another */
};

struct line;

/**
 * line_open(zmq, dev, line):
 * Begin to connect ${dev} to its broker within the context ${zmq}.  The
 * caller owns ${line} and must call line_close() before the context ends.
 */
MUST_CHECK enum err line_open(void *zmq, const struct device *dev,
    struct line **line);

/**
 * line_close(line):
 * Close at once; what was not sent is gone.  line_close(NULL) does nothing.
 */
void line_close(struct line *line);

/**
 * line_state(line):
 * Look what happened since and return how it stands.
 */
enum line_state line_state(struct line *line);

/**
 * line_send(line, header, content), line_recv(line, f):
 * frame_send_dealer() and frame_recv_dealer() on this line.
 */
MUST_CHECK enum err line_send(struct line *line, struct slice header,
    struct slice content);
MUST_CHECK enum err line_recv(struct line *line, struct frame *f);

/**
 * line_wait(line, wake_fd, timeout_ms):
 * Wait until something arrived, something happened to the line, ${wake_fd}
 * (-1: none) is readable, or the time is over.  ${line} may be NULL.
 */
void line_wait(struct line *line, int wake_fd, int timeout_ms);

/**
 * line_fds(line, fds):
 * Store the two descriptors that tell of work; they are edge triggered.
 */
void line_fds(struct line *line, int fds[2]);

#endif /* !LINE_H_ */
