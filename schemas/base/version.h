#ifndef VERSION_H_
#define VERSION_H_

/*
 * version -- what --version says of every program, and keten_version().  The
 * SDK's keten.pc.in has it too.
 */
#define VERSION "1.0.0"

#endif /* !VERSION_H_ */
