/* Where tests find LPIPS' weights. */
#ifndef GB_TESTS_LPIPS_FOLDER_H
#define GB_TESTS_LPIPS_FOLDER_H

/* A gb_metric_env's weights_dir: the folder among the shared facts, static until the next call; NULL: the cache is to
 * be used. Skips the test where neither has them. */
const char *lpips_folder(void);

#endif
