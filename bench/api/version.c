#include "ganime.h"

const char *gb_library_version(void)
{
    return GB_VERSION;
}

int gb_library_api_version(void)
{
    return GB_API_VERSION;
}
