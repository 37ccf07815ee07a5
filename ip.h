/* IP addresses as text: inet_pton() of musl is larger, and wants a copy with a zero behind it. */
#ifndef IP_H
#define IP_H

#include "str.h"

/* Reads four numbers up to 255 without leading zeros (RFC 3986 3.2.2 IPv4address). */
bool ip_read4(uint8_t ip[4], struct str);

/* Reads one of IPv6 (RFC 4291 2.2), without brackets and without a zone. */
bool ip_read6(uint8_t ip[16], struct str);

#endif
