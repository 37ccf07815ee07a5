/* The least that a request over loopback costs on this kernel: one thread in epoll_wait, one
 * recv, one send of a constant. It looks at nothing it reads. floor PORT [BODY], where BODY is the
 * length of the answer's body, as long as a created token's unless it is given */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { EVENTS = 128, BODY = 293, BODY_MAX = 1024 };

static int
listener(const char *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	a.sin_port = htons((in_port_t)strtoul(port, NULL, 10));
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof a) != 0 || listen(fd, 4096) != 0) {
		perror("floor");
		exit(2);
	}
	return fd;
}

static void
watch(int epoll, int fd)
{
	struct epoll_event e = { .events = EPOLLIN, .data.fd = fd };

	epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &e);
}

int
main(int argc, char **argv)
{
	static char in[16384], out[256 + BODY_MAX];
	struct epoll_event event[EVENTS];
	int epoll = epoll_create1(0), fd = listener(argc > 1 ? argv[1] : "7006");
	size_t body = argc > 2 ? strtoul(argv[2], NULL, 10) % (BODY_MAX + 1) : BODY;
	size_t n = (size_t)snprintf(out, sizeof out,
	    "HTTP/1.1 200 OK\r\nDate: Mon, 23 Nov 2026 18:00:00 GMT\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n"
	    "Cache-Control: no-store\r\n\r\n", body);

	memset(out + n, 'x', body);
	n += body;
	watch(epoll, fd);
	for (;;) {
		int ready = epoll_wait(epoll, event, EVENTS, -1);

		for (int i = 0; i < ready; i++) {
			int c = event[i].data.fd;

			if (c == fd) {
				while ((c = accept4(fd, NULL, NULL, SOCK_CLOEXEC)) >= 0)
					watch(epoll, c);
			} else if (recv(c, in, sizeof in, MSG_DONTWAIT) <= 0 ||
			    send(c, out, n, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) {
				close(c);
			}
		}
	}
}
