/* What is constant in the program is unpacked before main(). */
#include "release/unpack.h"

/* release/layout.ld has these. */
extern uint8_t constants[], constants_end[];
extern const uint8_t packed[];

__attribute__((constructor)) static void
unpack_constants(void)
{
	unpack(constants, constants_end, packed);
}
