/* The page's style sheet and script, as they stand in style.css and script.js. */
#ifndef GB_REPORT_HTML_ASSETS_H
#define GB_REPORT_HTML_ASSETS_H

#include <stddef.h>

typedef struct gb_asset {
    const char *text;
    size_t size;
} gb_asset;

gb_asset gb_html_style(void);
gb_asset gb_html_script(void);

#endif
