/* Scores a widened picture against the real one: cc score.c $(pkg-config --cflags --libs ganime) */
#include <ganime.h>
#include <stdio.h>

static gb_status score(const char *truth_path, const char *test_path, gb_error *err)
{
    static const char *const metric[] = {"psnr_rgb", "ssim_gauss11_rgb"};
    gb_picture truth = {0, 0, 0, NULL}, test = {0, 0, 0, NULL};
    gb_scorer *scorer = NULL;
    gb_status status = gb_picture_read(truth_path, &truth, err);
    if (status == GB_OK) status = gb_picture_read(test_path, &test, err);
    if (status == GB_OK)
        status = gb_scorer_new("psnr_rgb,ssim_gauss11_rgb", NULL, "cpu", truth.width, truth.height, truth.width / 8,
                               &scorer, err);
    if (status == GB_OK) status = gb_scorer_compare(scorer, &truth, &test, err);
    for (int i = 0; i < 2 && status == GB_OK; i++) {
        double value;
        status = gb_scorer_value(scorer, metric[i], "sides", &value, err);
        if (status == GB_OK) printf("%s %.6f\n", metric[i], value);
    }
    gb_scorer_free(scorer);
    gb_picture_free(&truth);
    gb_picture_free(&test);
    return status;
}

int main(int argc, char **argv)
{
    gb_error err;
    if (argc != 3) return fprintf(stderr, "usage: score TRUTH.png TEST.png\n"), 2;
    if (score(argv[1], argv[2], &err) == GB_OK) return 0;
    return fprintf(stderr, "score: %s\n", err.text), 1;
}
