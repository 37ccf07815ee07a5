/* What http_head() and http_body() say to raw requests: the tables of test_http.c, which tells how
 * a row is judged.
 *
 * `want` is the outcome in words: a refusal's status, "more" where bytes are missing, or
 *
 *     POST /path @host keep chunked "decoded body"
 *     method, '?' before it where it is HTTP_OTHER; path; host; 1.0 if so; keep or close; waits
 *     (for 100-continue); expects (something else); encoded (the content); type:N value, auth:N
 *     value (N such fields, and the first); length N or chunked; body
 *
 * Where the RFC and our own choice (http_mini.h) leave two outcomes, '|' stands between them.
 * Clauses are those of RFC 9112 where they have no number before them. No body may have more than
 * 16 bytes here. */
#ifndef HTTP_CASES_H
#define HTTP_CASES_H

#include "http_body.h"

enum { CASES_MAX_BODY = 16 };

#define BYTES(literal) { literal, sizeof literal - 1 }

#define H               "\r\nHost: h\r\n\r\n"
#define GET             "GET / HTTP/1.1\r\nHost: h\r\n"
#define POST            "POST / HTTP/1.1\r\nHost: h\r\n"
#define LENGTH(value)   POST "Content-Length:" value "\r\n\r\n"
#define CODING(value)   POST "Transfer-Encoding:" value "\r\n\r\n5\r\nhello\r\n0\r\n\r\n"
#define CHUNKS          POST "Transfer-Encoding: chunked\r\n\r\n"
#define CHUNK(line)     CHUNKS line "\r\nhello\r\n0\r\n\r\n"
#define TRAILER(lines)  CHUNKS "5\r\nhello\r\n0\r\n" lines "\r\n"

#define GOT             "GET / @h keep"
#define POSTED          "POST / @h keep"
#define HELLO           "POST / @h keep length 5 \"hello\""
#define CHUNKED_HELLO   "POST / @h keep chunked \"hello\""

static const struct http_case {
	struct str raw;
	const char *want, *clause;
} http_cases[] = {
	/* The request-line: one space, one space, CRLF. */
	{ BYTES("GET / HTTP/1.1" H), GOT, "3" },
	{ BYTES(""), "more", "2.1" },
	{ BYTES("GET / HTTP/1.1\r\nHost: h\r\n"), "more", "2.1" },
	{ BYTES("GET  / HTTP/1.1" H), "400", "3" },
	{ BYTES("GET /  HTTP/1.1" H), "400", "3" },
	{ BYTES("GET\t/ HTTP/1.1" H), "400", "3" },
	{ BYTES("GET /\tHTTP/1.1" H), "400", "3" },
	{ BYTES("GET\v/ HTTP/1.1" H), "400", "3" },
	{ BYTES("GET\r/ HTTP/1.1" H), "400", "2.2" },
	{ BYTES(" GET / HTTP/1.1" H), "400", "3" },
	{ BYTES("GET / HTTP/1.1 " H), "400", "3" },
	{ BYTES("GET / HTTP/1.1\t" H), "400", "3" },
	{ BYTES("GET / HTTP/1.1\r" H), "400", "2.2" },
	{ BYTES("GET / HTTP/1.1 x" H), "400", "3" },
	{ BYTES("GET / HTTP/1.1 HTTP/1.1" H), "400", "3" },
	{ BYTES("GET GET / HTTP/1.1" H), "400", "3" },
	{ BYTES("GET /a b HTTP/1.1" H), "400", "3" },
	{ BYTES("GET HTTP/1.1" H), "400", "3" },
	{ BYTES("/ HTTP/1.1" H), "400", "3" },
	{ BYTES("GET" H), "400", "3" },
	{ BYTES("GET /" H), "400|505", "3" },                                /* HTTP/0.9 */
	{ BYTES("GET / \r\n\r\n"), "400|505", "3" },
	{ BYTES("GET / HTTP/1.1\nHost: h\r\n\r\n"), "400", "2.2" },
	{ BYTES("GET / HTTP/1.1\rHost: h\r\n\r\n"), "400", "2.2" },
	{ BYTES("\xef\xbb\xbfGET / HTTP/1.1" H), "400", "9110 5.6.2" },
	{ BYTES("\0GET / HTTP/1.1" H), "400", "2.2" },
	{ BYTES("HTTP/1.1 200 OK" H), "400", "3" },
	{ BYTES("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nGET / HTTP/1.1" H), "400", "3" },
	{ BYTES("\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03"), "400", "3" },   /* TLS */

	/* Before it one empty line is ignored. */
	{ BYTES("\r\n"), "more", "2.2" },
	{ BYTES("\r\nGET / HTTP/1.1" H), GOT, "2.2" },
	{ BYTES("\r\n\r\nGET / HTTP/1.1" H), "400", "2.2" },
	{ BYTES("\nGET / HTTP/1.1" H), "400", "2.2" },
	{ BYTES("\rGET / HTTP/1.1" H), "400", "2.2" },
	{ BYTES("\r\r\nGET / HTTP/1.1" H), "400", "2.2" },
	{ BYTES(" \r\nGET / HTTP/1.1" H), "400", "2.2" },
	{ BYTES("\r\n GET / HTTP/1.1" H), "400", "3" },

	/* Versions. */
	{ BYTES("GET / HTTP/1.0\r\n\r\n"), "GET / @ 1.0 close", "3.2" },
	{ BYTES("GET / HTTP/1.2" H), GOT, "9110 6.2" },
	{ BYTES("GET / HTTP/1.9" H), GOT, "9110 6.2" },
	{ BYTES("GET / HTTP/1.9\r\n\r\n"), "400", "3.2" },      /* Host is needed as in 1.1 */
	{ BYTES("GET / HTTP/0.9" H), "505", "9110 15.6.6" },
	{ BYTES("GET / HTTP/2.0" H), "505", "9110 15.6.6" },
	{ BYTES("GET / HTTP/3.0" H), "505", "9110 15.6.6" },
	{ BYTES("GET / HTTP/9.9" H), "505", "9110 15.6.6" },
	{ BYTES("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), "505", "9113 3.4" },
	{ BYTES("PRI *"), "more", "9113 3.4" },
	{ BYTES("PRI * HTTP/2"), "more", "9113 3.4" },
	{ BYTES("PRI * HTTP/2.0"), "505", "9113 3.4" },
	{ BYTES("PRI * HTTP/1.1" H), "?PRI * @h keep", "9110 9.1" },
	{ BYTES("PRI / HTTP/2.0" H), "505", "9110 15.6.6" },
	{ BYTES("PRI ** HTTP/2.0" H), "400", "3.2" },
	{ BYTES("PR * HTTP/2.0" H), "400", "3.2.4" },
	{ BYTES("PRIO * HTTP/2.0" H), "400", "3.2.4" },
	{ BYTES("pri * HTTP/2.0" H), "400", "3.2.4" },
	{ BYTES("GET / http/1.1" H), "400", "2.3" },
	{ BYTES("GET / HTTp/1.1" H), "400", "2.3" },
	{ BYTES("GET / HTTP/1" H), "400", "2.3" },
	{ BYTES("GET / HTTP/1." H), "400", "2.3" },
	{ BYTES("GET / HTTP/.1" H), "400", "2.3" },
	{ BYTES("GET / HTTP/11" H), "400", "2.3" },
	{ BYTES("GET / HTTP/1,1" H), "400", "2.3" },
	{ BYTES("GET / HTTP/1.10" H), "400", "2.3" },
	{ BYTES("GET / HTTP/01.1" H), "400", "2.3" },
	{ BYTES("GET / HTTP/1.1.1" H), "400", "2.3" },
	{ BYTES("GET / HTTP/+1.1" H), "400", "2.3" },
	{ BYTES("GET / HTTP/1.x" H), "400", "2.3" },
	{ BYTES("GET / HTTP/ 1.1" H), "400", "2.3" },
	{ BYTES("GET / HTTP /1.1" H), "400", "2.3" },
	{ BYTES("GET / HTTPS/1.1" H), "400", "2.3" },
	{ BYTES("GET / HTTP/1.1\0" H), "400", "2.3" },

	/* Methods: tokens, compared with case. */
	{ BYTES("HEAD / HTTP/1.1" H), "HEAD / @h keep", "9110 9.3.2" },
	{ BYTES("POST / HTTP/1.1" H), POSTED, "6.3(7)" },
	{ BYTES("PUT / HTTP/1.1" H), "PUT / @h keep", "9110 9.3.4" },
	{ BYTES("DELETE / HTTP/1.1" H), "DELETE / @h keep", "9110 9.3.5" },
	{ BYTES("OPTIONS / HTTP/1.1" H), "OPTIONS / @h keep", "9110 9.3.7" },
	{ BYTES("TRACE / HTTP/1.1" H), "TRACE / @h keep", "9110 9.3.8" },
	{ BYTES("PATCH / HTTP/1.1" H), "PATCH / @h keep", "5789 2" },
	{ BYTES("get / HTTP/1.1" H), "?get / @h keep", "9110 9.1" },
	{ BYTES("GETS / HTTP/1.1" H), "?GETS / @h keep", "9110 9.1" },
	{ BYTES("GE / HTTP/1.1" H), "?GE / @h keep", "9110 9.1" },
	{ BYTES("M-SEARCH / HTTP/1.1" H), "?M-SEARCH / @h keep", "9110 9.1" },
	{ BYTES("!#$%&'*+-.^_`~0a / HTTP/1.1" H), "?!#$%&'*+-.^_`~0a / @h keep", "9110 5.6.2" },
	{ BYTES("CONNECT h:443 HTTP/1.1" H), "501", "9110 9.3.6" },
	{ BYTES("CONNECT h:443 HTTP/1.0\r\n\r\n"), "501", "9110 9.3.6" },
	{ BYTES("CONNECT / HTTP/1.1" H), "400|501", "3.2.3" },
	{ BYTES("connect h:443 HTTP/1.1" H),
		"400", "3.2" },                 /* not the same method, so not the form */
	{ BYTES("G(T / HTTP/1.1" H), "400", "9110 5.6.2" },

	/* Targets: origin-form. */
	{ BYTES("GET /a/b.c HTTP/1.1" H), "GET /a/b.c @h keep", "3.2.1" },
	{ BYTES("GET //a//../. HTTP/1.1" H), "GET //a//../. @h keep", "3.2.1" },
	{ BYTES("GET /a?b=c&d HTTP/1.1" H), "GET /a @h keep", "3.2.1" },
	{ BYTES("GET /? HTTP/1.1" H), GOT, "3.2.1" },
	{ BYTES("GET /a?b?c HTTP/1.1" H), "GET /a @h keep", "3986 3.4" },
	{ BYTES("GET /a?/ HTTP/1.1" H), "GET /a @h keep", "3986 3.4" },
	{ BYTES("GET /az-09._~!$&'()*+,;=:@ HTTP/1.1" H), "GET /az-09._~!$&'()*+,;=:@ @h keep",
	    "3986 3.3" },
	{ BYTES("GET /%41%fF%00 HTTP/1.1" H), "GET /%41%fF%00 @h keep", "3986 2.1" },
	{ BYTES("GET /?%2F HTTP/1.1" H), GOT, "3986 2.1" },
	{ BYTES("GET /% HTTP/1.1" H), "400", "3986 2.1" },
	{ BYTES("GET /%4 HTTP/1.1" H), "400", "3986 2.1" },
	{ BYTES("GET /%4g HTTP/1.1" H), "400", "3986 2.1" },
	{ BYTES("GET /%%41 HTTP/1.1" H), "400", "3986 2.1" },
	{ BYTES("GET /a?%4 HTTP/1.1" H), "GET /a @h keep", "SPEC 1.3" },
	{ BYTES("GET /a?!\"#$%&'()*+,-./09:;<=>?@AZ[\\]^_`az{|}~ HTTP/1.1" H), "GET /a @h keep",
	    "SPEC 1.3" },
	{ BYTES("GET /a?\x1f HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET /a?\x7f HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET /a?\x80 HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET /a?\t HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET /[?] HTTP/1.1" H), "400", "3986 3.3" },
	{ BYTES("GET /a#b HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET /a?#b HTTP/1.1" H), "GET /a @h keep", "SPEC 1.3" },
	{ BYTES("GET /#?b HTTP/1.1" H), "400", "3.2" },

	/* asterisk-form, and what is none of the forms. */
	{ BYTES("OPTIONS * HTTP/1.1" H), "OPTIONS * @h keep", "3.2.4" },
	{ BYTES("GET * HTTP/1.1" H), "400", "3.2.4" },
	{ BYTES("options * HTTP/1.1" H), "400", "3.2.4" },
	{ BYTES("OPTIONS */ HTTP/1.1" H), "400", "3.2.4" },
	{ BYTES("OPTIONS ** HTTP/1.1" H), "400", "3.2.4" },
	{ BYTES("OPTIONS *?a HTTP/1.1" H), "400", "3.2.4" },
	{ BYTES("GET a HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET a/b HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET ?a HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET h:80 HTTP/1.1" H), "400", "3.2.3" },
	{ BYTES("GET : HTTP/1.1" H), "400", "3.2" },

	/* absolute-form: its host counts, yet Host must be there and be right. */
	{ BYTES("GET http://a/b?c HTTP/1.1" H), "GET /b @a keep", "3.2.2" },
	{ BYTES("GET http://a HTTP/1.1" H), "GET / @a keep", "3.2.2" },
	{ BYTES("GET http://a?b/c HTTP/1.1" H), "GET / @a keep", "3.2.2" },
	{ BYTES("GET http://a/? HTTP/1.1" H), "GET / @a keep", "3.2.2" },
	{ BYTES("GET HtTp://a:8080/b HTTP/1.1" H), "GET /b @a keep", "3986 3.1" },
	{ BYTES("GET http://a:99999/ HTTP/1.1" H), "GET / @a keep", "3986 3.2.3" },
	{ BYTES("GET http://a/ HTTP/1.0\r\n\r\n"), "GET / @a 1.0 close", "3.2.2" },
	{ BYTES("GET http://a/ HTTP/1.1\r\n\r\n"), "400", "3.2" },
	{ BYTES("GET http://a/ HTTP/1.1\r\nHost: b c\r\n\r\n"), "400", "3.2" },
	{ BYTES("GET http://a/b c HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET http://a/%4 HTTP/1.1" H), "400", "3986 2.1" },
	{ BYTES("GET http://a/b?{%[ HTTP/1.1" H), "GET /b @a keep", "SPEC 1.3" },
	{ BYTES("GET http://a?|# HTTP/1.1" H), "GET / @a keep", "SPEC 1.3" },
	{ BYTES("GET http://a#b HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET http://a/#b HTTP/1.1" H), "400", "3.2" },
	{ BYTES("GET http:/// HTTP/1.1" H), "400", "9110 4.2.1" },
	{ BYTES("GET http:// HTTP/1.1" H), "400", "9110 4.2.1" },
	{ BYTES("GET http://:80/ HTTP/1.1" H), "400", "9110 4.2.1" },
	{ BYTES("GET http://?a HTTP/1.1" H), "400", "9110 4.2.1" },
	{ BYTES("GET http: HTTP/1.1" H), "400", "3.2.2" },
	{ BYTES("GET http:/a HTTP/1.1" H), "400", "3.2.2" },
	{ BYTES("GET http:a HTTP/1.1" H), "400", "3.2.2" },
	{ BYTES("GET https://a/ HTTP/1.1" H), "421", "9110 7.4" },
	{ BYTES("GET HTTPS://a HTTP/1.1" H), "421", "9110 7.4" },
	{ BYTES("GET httpx://a/ HTTP/1.1" H), "400", "9110 7.4" },
	{ BYTES("GET ftp://a/ HTTP/1.1" H), "400", "9110 7.4" },
	{ BYTES("GET http://u@a/ HTTP/1.1" H), "400", "9110 4.2.4" },
	{ BYTES("GET http://u:p@a/ HTTP/1.1" H), "400", "9110 4.2.4" },
	{ BYTES("GET http://@a/ HTTP/1.1" H), "400", "9110 4.2.4" },

	/* Host: once. Its values have a table below. */
	{ BYTES("GET / HTTP/1.1\r\n\r\n"), "400", "3.2" },
	{ BYTES("GET / HTTP/1.1\r\nHosts: h\r\n\r\n"), "400", "3.2" },
	{ BYTES("GET / HTTP/1.1\r\nhOST:h\r\n\r\n"), GOT, "9110 5.1" },
	{ BYTES("GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"), "400", "3.2" },
	{ BYTES("GET / HTTP/1.1\r\nHost: h\r\nA: b\r\nhost: i\r\n\r\n"), "400", "3.2" },
	{ BYTES("GET / HTTP/1.1\r\nHost:\r\nHost: h\r\n\r\n"), "400", "3.2" },
	{ BYTES("GET / HTTP/1.0\r\nHost: h\r\nHost: h\r\n\r\n"), "400", "3.2" },
	{ BYTES("GET / HTTP/1.0\r\nHost: h:80\r\n\r\n"), "GET / @h 1.0 close", "3.2" },

	/* Field lines. */
	{ BYTES(GET "A: b\r\nA:b\r\nA:\r\nA: \t \r\n!#$%&'*+-.^_`|~0a: b\r\n\r\n"), GOT, "5" },
	{ BYTES(GET "A: \x80\xff\r\n\r\n"), GOT, "9110 5.5" },
	{ BYTES(GET "A: b\t c:\"d\r\n\r\n"), GOT, "9110 5.5" },
	{ BYTES(GET "A : b\r\n\r\n"), "400", "5.1" },
	{ BYTES(GET "A\t: b\r\n\r\n"), "400", "5.1" },
	{ BYTES(GET "A B: c\r\n\r\n"), "400", "5.1" },
	{ BYTES(GET "A\r\n\r\n"), "400", "5" },
	{ BYTES(GET ": b\r\n\r\n"), "400", "5" },
	{ BYTES(GET ":\r\n\r\n"), "400", "5" },
	{ BYTES(GET "A\0B: c\r\n\r\n"), "400", "5" },
	{ BYTES(GET "\xc3\xa9: b\r\n\r\n"), "400", "5" },
	{ BYTES(GET "GET / HTTP/1.1\r\n\r\n"), "400", "5" },
	{ BYTES("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), "400", "2.2" },
	{ BYTES("GET / HTTP/1.1\r\n\tA: b" H), "400", "2.2" },
	{ BYTES("GET / HTTP/1.1\r\n \r\nHost: h\r\n\r\n"), "400", "2.2" },
	{ BYTES(GET "A: b\r\n c\r\n\r\n"), "400", "5.2" },
	{ BYTES(GET "A: b\r\n\tc\r\n\r\n"), "400", "5.2" },
	{ BYTES(GET "A:\r\n b\r\n\r\n"), "400", "5.2" },
	{ BYTES(GET " \r\n\r\n"), "400", "5.2" },
	{ BYTES(GET "A: b\n\r\n"), "400", "2.2" },
	{ BYTES(GET "A: b\nC: d\r\n\r\n"), "400", "2.2" },
	{ BYTES(GET "A: b\r\n\n"), "400", "2.2" },
	{ BYTES(GET "A: b\r\n\rX"), "400", "2.2" },
	{ BYTES(GET "A: b\rC: d\r\n\r\n"), "400", "2.2" },
	{ BYTES(GET "A: b\r\r\n\r\n"), "400", "2.2" },
	{ BYTES(GET "A: b\r"), "more", "2.2" },
	{ BYTES(GET "A: b\0\r\n\r\n"), "400", "9110 5.5" },
	{ BYTES(GET "A: \x1b[31m\r\n\r\n"), "400", "9110 5.5" },
	{ BYTES(GET "A: \x7f\r\n\r\n"), "400", "9110 5.5" },

	/* The two whose values come out: the first one's, without white space around, and how many
	 * there were. */
	{ BYTES(GET "Content-Type: a/b\r\n\r\n"), "GET / @h keep type:1 a/b", "9110 8.3" },
	{ BYTES(GET "CONTENT-type:\t a/b; c=\"d  e\" \t\r\n\r\n"),
		"GET / @h keep type:1 a/b; c=\"d  e\"", "5.1" },
	{ BYTES(GET "Content-Type: a/b\r\nX: y\r\ncontent-type: c/d\r\n\r\n"),
		"GET / @h keep type:2 a/b", "9110 5.3" },
	{ BYTES(GET "Content-Type:\r\n\r\n"), "GET / @h keep type:1 ", "5.1" },
	{ BYTES(GET "Content-Types: a/b\r\nContent-Typ: a/b\r\n\r\n"), GOT, "9110 5.1" },
	{ BYTES(GET "Authorization: Bearer a.b\r\n\r\n"), "GET / @h keep auth:1 Bearer a.b",
	    "9110 11.6.2" },
	{ BYTES(GET "authorization: a\r\nAuthorization: b\r\nAUTHORIZATION: c\r\n\r\n"),
		"GET / @h keep auth:3 a", "9110 5.3" },
	{ BYTES(GET "Proxy-Authorization: a\r\n\r\n"), GOT, "9110 5.1" },

	/* Content-Length: digits, once. */
	{ BYTES(LENGTH(" 5") "hello"), HELLO, "9110 8.6" },
	{ BYTES(LENGTH("\t5\t ") "hello"), HELLO, "5.1" },
	{ BYTES(LENGTH("005") "hello"), HELLO, "9110 8.6" },
	{ BYTES(LENGTH(" 00000000000000000000000000000005") "hello"), HELLO, "9110 8.6" },
	{ BYTES(LENGTH(" 0")), POSTED, "9110 8.6" },
	{ BYTES(LENGTH(" 5") "hell"), "more", "6.3(6)" },
	{ BYTES(LENGTH(" 16") "0123456789abcdef"), "POST / @h keep length 16 \"0123456789abcdef\"",
	    "our max" },
	{ BYTES(LENGTH(" 17") "0123456789abcdefg"), "413", "9110 15.5.14" },
	{ BYTES(LENGTH(" 17")), "413", "9110 15.5.14" },        /* before any of it is read */
	{ BYTES(LENGTH(" 4294967301") "hello"), "413", "9110 8.6" },         /* 2^32 + 5 */
	{ BYTES(LENGTH(" 9223372036854775813") "hello"), "413", "9110 8.6" },
	{ BYTES(LENGTH(" 18446744073709551615") "hello"), "413", "9110 8.6" },
	{ BYTES(LENGTH(" 18446744073709551616") "hello"), "413", "9110 8.6" },
	{ BYTES(LENGTH(" 18446744073709551621") "hello"), "413", "9110 8.6" },        /* 2^64 + 5 */
	{ BYTES(LENGTH(" 340282366920938463463374607431768211461") "hello"), "413", "9110 8.6" },
	{ BYTES("GET / HTTP/1.0\r\nContent-Length: 2\r\n\r\nab"),
	    "GET / @ 1.0 close length 2 \"ab\"", "6.3" },
	{ BYTES(POST "Content_Length: 5\r\nX-Content-Length: 5\r\n\r\n"), POSTED, "9110 5.1" },
	{ BYTES(LENGTH("") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" +5") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" -5") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" -0")), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 0x5") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5a") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" a") "helloworld"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5 5") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5.0") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 1_0") "helloworld"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" \"5\"") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5;a") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5\0") "hello"), "400", "6.3(5)" },
	/* a digit, but an Arabic one */
	{ BYTES(LENGTH(" \xd9\xa5") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5, 5") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5,") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5\r\nContent-Length: 5") "hello"), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 0\r\nContent-Length: 0")), "400", "6.3(5)" },
	{ BYTES(LENGTH(" 5\r\ncontent-length: 6") "hello"), "400", "6.3(5)" },

	/* Transfer-Encoding: chunked, alone. */
	{ BYTES(CODING(" chunked")), CHUNKED_HELLO, "6.1" },
	{ BYTES(CODING("\tChUnKeD ")), CHUNKED_HELLO, "9110 10.1.4" },
	{ BYTES(POST "TE: gzip, chunked\r\nTransfer_Encoding: chunked\r\n\r\n"), POSTED,
	    "9110 5.1" },
	{ BYTES(CODING(" , chunked,")), "400", "9110 5.6.1.2" },
	{ BYTES(CODING(" gzip, chunked")), "501", "6.1" },
	{ BYTES(CODING(" x,chunked")), "501", "6.1" },
	{ BYTES(CODING(" gzip;q=\"a,b\",chunked")), "400|501", "6.1" },
	{ BYTES(CODING(" gzip\r\nTransfer-Encoding: chunked")), "400|501", "6.1" },
	{ BYTES(CODING(" identity, chunked")), "400|501", "6.1" },
	{ BYTES(CODING(" gzip")), "400", "6.3(4)" },
	{ BYTES(CODING(" identity")), "400", "6.3(4)" },
	{ BYTES(CODING(" chunked, gzip")), "400", "6.3(4)" },
	{ BYTES(CODING(" chunked, identity")), "400", "6.3(4)" },
	{ BYTES(CODING(" chunked,x")), "400", "6.3(4)" },
	{ BYTES(CODING(" chunked\r\nTransfer-Encoding: gzip")), "400", "6.3(4)" },
	{ BYTES(CODING(" chunked, chunked")), "400", "6.1" },
	{ BYTES(CODING(" chunked\r\nTransfer-Encoding: chunked")), "400", "6.1" },
	{ BYTES(CODING(" chunked\r\nTransfer-Encoding:")), "400", "6.1" },
	{ BYTES(CODING(" chunkedchunked")), "400", "6.3(4)" },
	{ BYTES(CODING(" xchunked")), "400", "6.3(4)" },
	{ BYTES(CODING(" chunke")), "400", "6.3(4)" },
	{ BYTES(CODING(" chunked;a=b")), "400", "7.1" },
	{ BYTES(CODING(" \"chunked\"")), "400", "6.1" },
	{ BYTES(CODING(" chunked chunked")), "400", "6.1" },
	{ BYTES(CODING(" chunked\v")), "400", "9110 5.5" },
	{ BYTES(CODING(" \xc2\x85" "chunked")), "400", "6.1" },
	{ BYTES(CODING("")), "400", "6.1" },
	{ BYTES(CODING(" ,")), "400", "6.1" },
	{ BYTES("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400", "6.1" },

	/* Connection: a list; close beats all. */
	{ BYTES(GET "Connection: close\r\n\r\n"), "GET / @h close", "9.6" },
	{ BYTES(GET "connection:CLOSE\t\r\n\r\n"), "GET / @h close", "9110 7.6.1" },
	{ BYTES(GET "Connection: keep-alive\r\n\r\n"), GOT, "9.3" },
	{ BYTES(GET "Connection: keep-alive, Upgrade ,\tclose\r\n\r\n"), "GET / @h close", "9.3" },
	{ BYTES(GET "Connection: close,keep-alive\r\n\r\n"), "GET / @h close", "9.3" },
	{ BYTES(GET "Connection: ,, close ,\r\n\r\n"), "GET / @h close", "9110 5.6.1.2" },
	{ BYTES(GET "Connection: close\r\nConnection: keep-alive\r\n\r\n"), "GET / @h close",
	    "9110 5.3" },
	{ BYTES(GET "Connection: keep-alive\r\nConnection: close\r\n\r\n"), "GET / @h close",
	    "9110 5.3" },
	{ BYTES(GET "Connection: closed, x-close, clos\r\nProxy-Connection: close\r\n\r\n"), GOT,
	    "9.3" },
	{ BYTES(GET "Connection:\r\n\r\n"), GOT, "9.3" },
	{ BYTES("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"), "GET / @ 1.0 keep", "9.3" },
	{ BYTES("GET / HTTP/1.0\r\nConnection: a, keep-alive\r\n\r\n"), "GET / @ 1.0 keep", "9.3" },
	{ BYTES("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n"), "GET / @ 1.0 close",
	    "9.3" },
	{ BYTES("GET / HTTP/1.0\r\nConnection: keep-alive-x\r\n\r\n"), "GET / @ 1.0 close", "9.3" },

	/* Expect. */
	{ BYTES(POST "Expect: 100-continue\r\nContent-Length: 2\r\n\r\nab"),
		"POST / @h keep waits length 2 \"ab\"", "9110 10.1.1" },
	{ BYTES(POST "Content-Length: 2\r\nexpect:100-CONTINUE \r\n\r\nab"),
		"POST / @h keep waits length 2 \"ab\"", "9110 10.1.1" },
	{ BYTES(POST "Transfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n0\r\n\r\n"),
		"POST / @h keep waits chunked \"\"", "9110 10.1.1" },
	{ BYTES("POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nab"),
		"POST / @ 1.0 close length 2 \"ab\"", "9110 10.1.1" },
	{ BYTES(GET "Expect: 100-continue\r\n\r\n"), GOT "|" GOT " waits", "9110 10.1.1" },
	{ BYTES(GET "Expect: 200-ok\r\n\r\n"), GOT " expects|417", "9110 10.1.1" },
	{ BYTES(GET "Expect: 100-continues\r\n\r\n"), GOT " expects|417", "9110 10.1.1" },
	{ BYTES("GET / HTTP/1.0\r\nExpect: 200-ok\r\n\r\n"), "GET / @ 1.0 close", "9110 10.1.1" },

	/* Content-Encoding: whether there is one. */
	{ BYTES(POST "Content-Encoding: gzip\r\n\r\n"), "POST / @h keep encoded", "9110 8.4" },
	{ BYTES(POST "content-encoding:x\r\nContent-Length: 1\r\n\r\na"),
		"POST / @h keep encoded length 1 \"a\"", "9110 8.4" },
	{ BYTES(GET "Content-Encoding: identity\r\n\r\n"), GOT, "9110 12.5.3" },
	{ BYTES(GET "Content-Encoding: , Identity\t,\r\n\r\n"), GOT, "9110 5.6.1" },
	{ BYTES(GET "Content-Encoding:\r\n\r\n"), GOT, "9110 5.6.1" },
	{ BYTES(GET "Content-Encoding: identity, br\r\n\r\n"), GOT " encoded", "9110 8.4" },
	{ BYTES(GET "Content-Encoding: br\r\nContent-Encoding: identity\r\n\r\n"),
		GOT " encoded", "9110 5.3" },
	{ BYTES(GET "Content-Encoding: identity;q=1\r\n\r\n"), GOT " encoded", "9110 8.4" },
	{ BYTES(GET "Content-Encodings: gzip\r\nX-Content-Encoding: gzip\r\n\r\n"), GOT,
	    "9110 5.1" },

	/* Chunks. */
	{ BYTES(CHUNKS "0\r\n\r\n"), "POST / @h keep chunked \"\"", "7.1" },
	{ BYTES(CHUNKS "5\r\nhello\r\n0\r\n"), "more", "7.1" },
	{ BYTES(CHUNKS "1\r\nh\r\n3\r\nell\r\n1\r\no\r\n0\r\n\r\n"), CHUNKED_HELLO, "7.1" },
	{ BYTES(CHUNKS "2\r\n\r\n\r\n2\r\n0\r\r\n0\r\n\r\n"), "POST / @h keep chunked \"\r\n0\r\"",
	    "7.1" },
	{ BYTES(CHUNKS "a\r\nhelloworld\r\n0\r\n\r\n"), "POST / @h keep chunked \"helloworld\"",
	    "7.1" },
	{ BYTES(CHUNKS "0A\r\nhelloworld\r\n000\r\n\r\n"), "POST / @h keep chunked \"helloworld\"",
	    "7.1" },
	{ BYTES(CHUNK("0000000000000005")), CHUNKED_HELLO, "7.1" },          /* 16 digits */
	{ BYTES(CHUNK("00000000000000005")), CHUNKED_HELLO "|400|413", "7.1" },
	{ BYTES(CHUNKS "10\r\n0123456789abcdef\r\n0\r\n\r\n"),
		"POST / @h keep chunked \"0123456789abcdef\"", "our max" },
	{ BYTES(CHUNKS "8\r\n01234567\r\n8\r\n89abcdef\r\n0\r\n\r\n"),
		"POST / @h keep chunked \"0123456789abcdef\"", "our max" },
	{ BYTES(CHUNKS "11\r\n"), "413", "9110 15.5.14" },      /* before any of it is read */
	{ BYTES(CHUNKS "11\r\n0123456789abcdefg\r\n0\r\n\r\n"), "413", "9110 15.5.14" },
	{ BYTES(CHUNKS "8\r\n01234567\r\n9\r\n89abcdefg\r\n0\r\n\r\n"), "413", "9110 15.5.14" },
	{ BYTES(CHUNKS "1\r\nx\r\nffffffffffffffff\r\nx"), "413", "7.1" },
	{ BYTES(CHUNK("100000005")), "413", "7.1" },                         /* 2^32 + 5 */
	{ BYTES(CHUNK("10000000000000005")), "400|413", "7.1" },             /* 2^64 + 5 */
	{ BYTES(CHUNK("fffffffffffffffff")), "400|413", "7.1" },
	{ BYTES(CHUNK("")), "400", "7.1" },
	{ BYTES(CHUNK("+5")), "400", "7.1" },
	{ BYTES(CHUNK("-5")), "400", "7.1" },
	{ BYTES(CHUNK("0x5")), "400", "7.1" },
	{ BYTES(CHUNK("0_5")), "400", "7.1" },
	{ BYTES(CHUNK(" 5")), "400", "7.1" },
	{ BYTES(CHUNK("5 ")), "400", "7.1.1" },
	{ BYTES(CHUNK("5\t")), "400", "7.1.1" },
	{ BYTES(CHUNK("5h")), "400", "7.1" },
	{ BYTES(CHUNK("5\0")), "400", "7.1" },
	{ BYTES(CHUNK("\0" "5")), "400", "7.1" },
	{ BYTES(CHUNK("5,5")), "400", "7.1" },
	{ BYTES(CHUNK("5\r")), "400", "7.1" },
	{ BYTES(CHUNK("5\n")), "400", "7.1" },
	{ BYTES(CHUNKS "5\nhello\r\n0\r\n\r\n"), "400", "2.2" },
	{ BYTES(CHUNKS "5\rhello\r\n0\r\n\r\n"), "400", "2.2" },
	{ BYTES(CHUNKS "5\r\nhello\n0\r\n\r\n"), "400", "2.2" },
	{ BYTES(CHUNKS "5\r\nhello\r0\r\n\r\n"), "400", "2.2" },
	{ BYTES(CHUNKS "5\r\nhello0\r\n\r\n"), "400", "7.1" },
	{ BYTES(CHUNKS "4\r\nhello\r\n0\r\n\r\n"), "400", "7.1" },
	{ BYTES(CHUNKS "6\r\nhello\r\n0\r\n\r\n"), "400", "7.1" },
	{ BYTES(CHUNKS "5\r\nhello\r\n\r\n"), "400", "7.1" },                /* no last chunk */
	{ BYTES(CHUNKS "5\r\nhello\r\n0\n\r\n"), "400", "2.2" },
	{ BYTES(CHUNKS "5\r\nhello\r\n0\r\n\n"), "400", "2.2" },
	{ BYTES(CHUNKS "5\r\nhello\r\n0\r\n\r\r\n"), "400", "2.2" },
	{ BYTES(CHUNKS "\r\n5\r\nhello\r\n0\r\n\r\n"), "400", "7.1" },

	/* Chunk extensions: skipped, once they are well-formed. */
	{ BYTES(CHUNK("5;a")), CHUNKED_HELLO, "7.1.1" },
	{ BYTES(CHUNK("5;a=b")), CHUNKED_HELLO, "7.1.1" },
	{ BYTES(CHUNK("5;a;b=c;d=\"e\"")), CHUNKED_HELLO, "7.1.1" },
	{ BYTES(CHUNK("5 \t; a \t= b")), CHUNKED_HELLO, "7.1.1" },
	{ BYTES(CHUNK("5;a = \"b\" ; c")), CHUNKED_HELLO, "7.1.1" },
	{ BYTES(CHUNK("5;a=\"\"")), CHUNKED_HELLO, "7.1.1" },
	{ BYTES(CHUNK("5;a=\"; \\\" \\\\ \t\xff\"")), CHUNKED_HELLO, "9110 5.6.4" },
	{ BYTES(CHUNKS "5;a=b\r\nhello\r\n0;c=\"0\"\r\n\r\n"), CHUNKED_HELLO, "7.1.1" },
	{ BYTES(CHUNK("5;")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;;a")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a;")), "400", "7.1.1" },
	{ BYTES(CHUNK("5; ")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a ")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a b")), "400", "7.1.1" },
	{ BYTES(CHUNK("5 a")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a=")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a= ")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;=b")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a==b")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a=b ")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a=b c")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a=b=c")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a=b\"c\"")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a=\"b")), "400", "9110 5.6.4" },
	{ BYTES(CHUNK("5;a=\"b\\")), "400", "9110 5.6.4" },
	{ BYTES(CHUNK("5;a=\"b\"c")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a=\"b\" ")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a=\"\1\"")), "400", "9110 5.6.4" },
	{ BYTES(CHUNK("5;a=\"\\\1\"")), "400", "9110 5.6.4" },
	{ BYTES(CHUNK("5;a=\"\\\x7f\"")), "400", "9110 5.6.4" },
	{ BYTES(CHUNK("5;\"a\"")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a\xc3\xa9")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a\0")), "400", "7.1.1" },
	{ BYTES(CHUNK("5;a\nb")), "400", "2.2" },
	{ BYTES(CHUNK("5;a\rb")), "400", "2.2" },
	{ BYTES(CHUNK("5;a=\"\r\n\"")), "400", "9110 5.6.4" },

	/* Trailers: field lines, discarded. */
	{ BYTES(TRAILER("A: b\r\nC:\r\n")), CHUNKED_HELLO, "7.1.2" },
	{ BYTES(TRAILER("Content-Length: 9\r\nTransfer-Encoding: x\r\nHost: i\r\n"
	    "Connection: close\r\n")),
		CHUNKED_HELLO, "9110 6.5.1" },
	{ BYTES(TRAILER("Content-Type: a/b\r\nAuthorization: c\r\n")), CHUNKED_HELLO,
	    "9110 6.5.1" },
	{ BYTES(TRAILER("A: \t\xff\r\n")), CHUNKED_HELLO, "9110 5.5" },
	{ BYTES(TRAILER("A: b")), "more", "7.1.2" },
	{ BYTES(TRAILER("A : b\r\n")), "400", "5.1" },
	{ BYTES(TRAILER(" A: b\r\n")), "400", "5" },
	{ BYTES(TRAILER("A: b\r\n c\r\n")), "400", "5.2" },
	{ BYTES(TRAILER(": b\r\n")), "400", "5" },
	{ BYTES(TRAILER("A\r\n")), "400", "5" },
	{ BYTES(TRAILER("GET / HTTP/1.1\r\n")), "400", "5" },
	{ BYTES(TRAILER("A: b\n")), "400", "2.2" },
	{ BYTES(TRAILER("A: b\rC: d\r\n")), "400", "2.2" },
	{ BYTES(TRAILER("A: \0\r\n")), "400", "9110 5.5" },
	{ BYTES(TRAILER("A: \x7f\r\n")), "400", "9110 5.5" },

	/* Smuggling: what a proxy in front could frame otherwise. CL.TE, TE.CL, TE.TE, CL.CL, then
	 * hidden fields. */
	{ BYTES(POST "Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG"), "400",
	    "6.3(3)" },
	{ BYTES(POST "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n5\r\nhello\r\n"
	    "0\r\n\r\n"),
		"400", "6.3(3)" },
	{ BYTES(POST "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), "400",
	    "6.3(3)" },
	{ BYTES(POST "Transfer-Encoding: gzip, chunked\r\nContent-Length: 5\r\n\r\nhello"),
	    "400|501", "6.3(3)" },
	{ BYTES(POST "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n"
	    "Content-Length: 5\r\n\r\n"),
		"400|501", "6.3(3)" },
	{ BYTES("GET http://a/ HTTP/1.0\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n"
	    "hello"),
		"400", "6.1" },
	{ BYTES(POST "Transfer-Encoding : chunked\r\nContent-Length: 5\r\n\r\nhello"), "400",
	    "5.1" },
	{ BYTES(POST " Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello"), "400",
	    "5.2" },
	{ BYTES(POST "A: b\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello"), "400",
	    "2.2" },
	{ BYTES(POST "A: b\rTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\nhello"), "400",
	    "2.2" },
	{ BYTES(POST "A: b\r\n Content-Length: 38\r\n\r\nGET / HTTP/1.1" H), "400", "5.2" },
	{ BYTES(POST "Content-Length\0: 5\r\n\r\nhello"), "400", "5" },
	{ BYTES(POST "Content-Length: 5\r\nTransfer-Encoding:\vchunked\r\n\r\nhello"), "400",
	    "9110 5.5" },
	{ BYTES(POST "Transfer-Encoding:\r\n chunked\r\nContent-Length: 5\r\n\r\nhello"), "400",
	    "5.2" },
	{ BYTES(POST "Content-Length: 5\r\nContent-Length : 6\r\n\r\nhello"), "400", "5.1" },
};

/* Values of Host, and authorities of absolute-form: what http_request.host becomes; NULL: 400. RFC
 * 3986 3.2.2 host, without the comma, which joins two Host lines into one. */
static const struct {
	const char *value, *host;
} http_hosts[] = {
	{ "h", "h" }, { "h.example", "h.example" }, { "H-1.Example.", "H-1.Example." },
	{ "a_b", "a_b" }, { "~", "~" }, { "h:80", "h" }, { "h:", "h" }, { "h:65536", "h" },
	{ "h:00080", "h" }, { "192.0.2.1:1", "192.0.2.1" }, { "%41b", "%41b" },
	{ "xn--nxasmq6b", "xn--nxasmq6b" }, { "[::1]", "[::1]" }, { "[::1]:80", "[::1]" },
	{ "[::]:", "[::]" }, { "[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]" },
	{ "[::ffff:192.0.2.1]:1", "[::ffff:192.0.2.1]" }, { "[FE80::aBcD]", "[FE80::aBcD]" },
	{ "[0000:0000:0000:0000:0000:ffff:255.255.255.255]",
	    "[0000:0000:0000:0000:0000:ffff:255.255.255.255]" },
	/* one longer than any can be */
	{ "[0000:0000:0000:0000:0000:ffff:0255.255.255.255]", NULL },
	{ "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]", NULL },

	{ "h i", NULL }, { "h\ti", NULL }, { "h,i", NULL }, { "h, h", NULL }, { "h/", NULL },
	{ "/h", NULL }, { "h?", NULL }, { "h#", NULL }, { "u@h", NULL }, { "u:p@h:80", NULL },
	{ "@h", NULL }, { "http://h", NULL }, { "h:x", NULL }, { "h:8x", NULL }, { "h:-1", NULL },
	{ "h:+1", NULL }, { "h:80:80", NULL }, { "h::80", NULL }, { "::1", NULL }, { "h%", NULL },
	{ "h%4", NULL }, { "h%4g", NULL }, { "h\\", NULL }, { "h\"", NULL }, { "<h>", NULL },
	{ "{h}", NULL }, { "h|i", NULL }, { "h^", NULL }, { "h`", NULL }, { "h\x80", NULL },
	{ "\xc3\xa9", NULL }, { "[", NULL }, { "[]", NULL }, { "]", NULL }, { "[::1", NULL },
	{ "::1]", NULL }, { "[::1]x", NULL }, { "[::1]:x", NULL }, { "[::1]80", NULL },
	{ "h[::1]", NULL }, { "[::1][::1]", NULL }, { "[h]", NULL }, { "[::g]", NULL },
	{ "[[::1]]", NULL }, { "[1]", NULL }, { "[:]", NULL }, { "[:::]", NULL },
	{ "[1::2::3]", NULL }, { "[12345::]", NULL }, { "[1:2]", NULL },
	{ "[1:2:3:4:5:6:7:8:9]", NULL }, { "[::1%25lo]", NULL }, { "[192.0.2.1]", NULL },
	{ "[::256.0.2.1]", NULL },
};

#define BIG             65536
#define BIG_FRAMING     (HTTP_FRAMING_BASE + BIG / 4)
#define MAX             CASES_MAX_BODY

/* Both sides of every limit: before, then a unit so often, then after; what is wanted as above. */
static const struct http_limit {
	const char *before, *unit;
	size_t count;
	const char *after, *want;
	size_t max;
} http_limits[] = {
	{ "GET /", "a", HTTP_TARGET_MAX - 1, " HTTP/1.1" H, "GET [8000] @h keep", MAX },
	{ "GET /", "a", HTTP_TARGET_MAX, " HTTP/1.1" H, "414", MAX },
	{ "GET /?", "a", HTTP_TARGET_MAX - 2, " HTTP/1.1" H, "GET / @h keep", MAX },
	{ "GET /?", "a", HTTP_TARGET_MAX - 1, " HTTP/1.1" H, "414", MAX },
	{ "GET /", "a", BIG, "", "414", MAX },  /* and never "more" for ever */
	{ "", "A", BIG, "", "400|414|431|501", MAX },
	{ "GET / HTTP/1.", "1", BIG, "", "400", MAX },
	{ "", "\r\n", BIG / 2, "", "400", MAX },
	{ GET, "A:\r\n", HTTP_FIELDS_MAX - 1, "\r\n", GOT, MAX },
	{ GET, "A:\r\n", HTTP_FIELDS_MAX, "\r\n", "431", MAX },
	{ GET, "A", BIG, "", "431", MAX },
	{ GET "A:", " ", BIG, "", "431", MAX },
	{ GET "A:", "b", HTTP_HEAD_MAX - (sizeof GET "A:\r\n\r\n" - 1), "\r\n\r\n", GOT, MAX },
	{ GET "A:", "b", HTTP_HEAD_MAX - (sizeof GET "A:\r\n\r\n" - 1) + 1, "\r\n\r\n", "431",
	    MAX },
	{ "\r\n" GET "A:", "b", HTTP_HEAD_MAX - (sizeof GET "A:\r\n\r\n\r\n" - 1), "\r\n\r\n", GOT,
	    MAX },
	{ "\r\n" GET "A:", "b", HTTP_HEAD_MAX - (sizeof GET "A:\r\n\r\n\r\n" - 1) + 1, "\r\n\r\n",
	    "431", MAX },
	{ LENGTH("65536"), "a", BIG, "", "POST / @h keep length 65536 \"[65536]\"", BIG },
	{ LENGTH("65537"), "a", BIG + 1, "", "413", BIG },
	{ CHUNKS "10000\r\n", "a", BIG, "\r\n0\r\n\r\n", "POST / @h keep chunked \"[65536]\"",
	    BIG },
	{ CHUNKS "10001\r\n", "a", BIG + 1, "\r\n0\r\n\r\n", "413", BIG },
	{ CHUNKS "5;", "a", HTTP_CHUNK_LINE_MAX - 4, "\r\nhello\r\n0\r\n\r\n", CHUNKED_HELLO, MAX },
	{ CHUNKS "5;", "a", HTTP_CHUNK_LINE_MAX - 3, "\r\nhello\r\n0\r\n\r\n", "400", MAX },
	/* each */
	{ CHUNKS "5\r\nhello\r\n0;", "a", HTTP_CHUNK_LINE_MAX - 4, "\r\n\r\n", CHUNKED_HELLO, MAX },
	{ CHUNKS, "0", HTTP_CHUNK_LINE_MAX - 3, "5\r\nhello\r\n0\r\n\r\n", CHUNKED_HELLO "|400|413",
	    MAX },
	{ CHUNKS, "0", HTTP_CHUNK_LINE_MAX - 2, "5\r\nhello\r\n0\r\n\r\n", "400|413", MAX },
	{ CHUNKS "5", " ", HTTP_CHUNK_LINE_MAX, ";a\r\nhello\r\n0\r\n\r\n", "400", MAX },
	{ CHUNKS "5\r\nhello\r\n0\r\n", "A:\r\n", HTTP_FIELDS_MAX, "\r\n", CHUNKED_HELLO, MAX },
	{ CHUNKS "5\r\nhello\r\n0\r\n", "A:\r\n", HTTP_FIELDS_MAX + 1, "\r\n", "431", MAX },
	{ CHUNKS "0\r\nA:", "b", HTTP_FRAMING_BASE + MAX / 4 - 9, "\r\n\r\n",
	    "POST / @h keep chunked \"\"", MAX },
	{ CHUNKS "0\r\nA:", "b", HTTP_FRAMING_BASE + MAX / 4 - 8, "\r\n\r\n", "413", MAX },
	/* one-byte chunks: five bytes of framing each, five for the last: that is one below the
	 * limit */
	{ CHUNKS, "1\r\nx\r\n", BIG_FRAMING / 5 - 1, "00\r\n\r\n",
	    "POST / @h keep chunked \"[4914]\"", BIG },
	{ CHUNKS, "1\r\nx\r\n", BIG_FRAMING / 5 - 1, "000\r\n\r\n", "413", BIG },
	{ CHUNKS, "1\r\nx\r\n", BIG, "", "413", BIG },
};

#endif
