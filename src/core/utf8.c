#include "core/utf8.h"

size_t gb_utf8_length(const char *text)
{
    const unsigned char *const s = (const unsigned char *)text;
    if (s[0] < 0x80) return 1;
    const size_t length = s[0] >= 0xc2 && s[0] <= 0xdf   ? 2
                          : s[0] >= 0xe0 && s[0] <= 0xef ? 3
                          : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4
                                                         : 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80) return 0;
    if (s[0] == 0xe0 && s[1] < 0xa0) return 0; /* overlong */
    if (s[0] == 0xed && s[1] > 0x9f) return 0; /* surrogates */
    if (s[0] == 0xf0 && s[1] < 0x90) return 0; /* overlong */
    if (s[0] == 0xf4 && s[1] > 0x8f) return 0; /* beyond U+10FFFF */
    return length;
}

void gb_utf8_mend(char *text)
{
    while (*text) {
        const size_t length = gb_utf8_length(text);
        if (!length) *text = '?';
        text += length ? length : 1;
    }
}
