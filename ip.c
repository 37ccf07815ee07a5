#include "ip.h"

#include "json_string.h"

bool
ip_read4(uint8_t ip[4], struct str s)
{
	size_t at = 0;

	for (unsigned i = 0; i < 4; i++) {
		unsigned v = 0;
		size_t start;

		if (i > 0 && (at == s.n || s.p[at++] != '.'))
			return false;
		start = at;
		for (; at < s.n && s.p[at] >= '0' && s.p[at] <= '9' && v <= 255; at++)
			v = v * 10 + (unsigned)(s.p[at] - '0');
		if (v > 255 || at == start || (at - start > 1 && s.p[start] == '0'))
			return false;
		ip[i] = (uint8_t)v;
	}
	return at == s.n;
}

bool
ip_read6(uint8_t ip[16], struct str s)
{
	bool gapped = s.n >= 2 && s.p[0] == ':' && s.p[1] == ':';
	unsigned n = 0, gap = 0;        /* bytes so far, those of them that stand before "::" */
	size_t at = gapped ? 2 : 0;

	while (at < s.n) {
		size_t start = at;
		unsigned v = 0;

		for (; at < s.n && at - start < 4 && json_is_hex(s.p[at]); at++)
			v = v << 4 | json_hex(s.p[at]);
		if (at < s.n && s.p[at] == '.') {               /* the last 32 bits */
			if (n > 12 || !ip_read4(ip + n, (struct str){ s.p + start, s.n - start }))
				return false;
			n += 4;
			break;
		}
		if (at == start || n == 16)
			return false;
		ip[n++] = (uint8_t)(v >> 8);
		ip[n++] = (uint8_t)v;
		if (at == s.n)
			break;
		if (s.p[at++] != ':' || at == s.n)
			return false;
		if (s.p[at] == ':') {
			if (gapped)
				return false;
			gapped = true;
			gap = n;
			at++;
		}
	}
	if (n == 16 || !gapped)
		return n == 16 && !gapped;
	memmove(ip + 16 - (n - gap), ip + gap, n - gap);
	memset(ip + gap, 0, 16 - n);
	return true;
}
