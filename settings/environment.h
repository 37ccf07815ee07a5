/* The process's environment. getenv() of musl takes 450 bytes, with all that it calls. */
#ifndef ENVIRONMENT_H
#define ENVIRONMENT_H

/* The value of this variable, which the environment owns; NULL: there is none. */
char *environment_value(const char *name);

#endif
