#include "core/suggest.h"

#include <string.h>

#define MAX_NAME 63

static int least(int a, int b) { return a < b ? a : b; }

/* Optimal string alignment distance; names are short, so the whole table fits on the stack. */
static int distance(const char *a, const char *b)
{
    const int n = (int)strlen(a), m = (int)strlen(b);
    if (n > MAX_NAME || m > MAX_NAME) return MAX_NAME;
    int d[MAX_NAME + 1][MAX_NAME + 1];
    for (int i = 0; i <= n; i++) d[i][0] = i;
    for (int j = 0; j <= m; j++) d[0][j] = j;
    for (int i = 1; i <= n; i++)
        for (int j = 1; j <= m; j++) {
            const int same = a[i - 1] == b[j - 1] ? 0 : 1;
            int best = least(least(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + same);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) best = least(best, d[i - 2][j - 2] + 1);
            d[i][j] = best;
        }
    return d[n][m];
}

const char *gb_suggest(const char *name, const char *const *candidates, size_t count)
{
    const char *best = NULL;
    const int limit = 1 + (int)strlen(name) / 3;
    int best_distance = limit + 1;
    for (size_t i = 0; i < count; i++) {
        const int d = distance(name, candidates[i]);
        if (d < best_distance) {
            best_distance = d;
            best = candidates[i];
        }
    }
    for (size_t i = 0; !best && strlen(name) >= 2 && i < count; i++)
        if (strncmp(candidates[i], name, strlen(name)) == 0) best = candidates[i];
    return best;
}
