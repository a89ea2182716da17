#include "report/html/assets.h"

/* Paths are relative to the repository's root, where the build runs. */
#define EMBED(name, path)                                                                           \
    __asm__(".pushsection .rodata\n"                                                                \
            ".global " #name "_begin, " #name "_end\n" #name "_begin: .incbin \"" path "\"\n" #name \
            "_end: .byte 0\n"                                                                       \
            ".popsection\n");                                                                       \
    extern const char name##_begin[], name##_end[]

EMBED(gb_embedded_style, "src/report/html/style.css");
EMBED(gb_embedded_script, "src/report/html/script.js");

gb_asset gb_html_style(void)
{
    return (gb_asset){gb_embedded_style_begin, (size_t)(gb_embedded_style_end - gb_embedded_style_begin)};
}

gb_asset gb_html_script(void)
{
    return (gb_asset){gb_embedded_script_begin, (size_t)(gb_embedded_script_end - gb_embedded_script_begin)};
}
