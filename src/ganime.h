/* libganime: scores widened frames as ganime-bench does, and widens them.
 *
 * Every function that can fail returns a gb_status, takes a gb_error * as its last argument (NULL is allowed) and sets
 * its outputs only on success. The error's text is one line: the file or thing, what was expected, what was found.
 * Nothing exits, aborts on input, prints, or reads the command line.
 *
 * Ownership: what a function gives through a double pointer is the caller's, to be given to the _free function of its
 * name, which takes NULL. Arguments are only looked at during the call. Texts that are returned are static or live as
 * long as the handle.
 *
 * Threads: one handle may be used by one thread at a time; different handles may be used by different threads at once.
 * The _new functions may not run at the same time as each other: they read files by libraries that are not all made for
 * threads (HDF5). No function leaves threads of its own behind.
 *
 * Results depend on the arguments, the weights and the device's kind alone. */
#ifndef GANIME_H
#define GANIME_H

#include <stddef.h>
#include <stdint.h>

#define GB_VERSION "0.1.0"
#define GB_API_VERSION 1  /* raised when what stood here changes; the shared library's soname has it */
#define GB_API_REVISION 0 /* raised when something is added */

#ifdef __cplusplus
extern "C" {
#endif

#define GB_API __attribute__((visibility("default")))
#define GB_MUST_CHECK __attribute__((warn_unused_result))

/* Values keep their number; new ones are added at the end, so treat an unknown one as a failure. */
typedef enum gb_status {
    GB_OK = 0,
    GB_E_ARG,         /* the caller's argument is out of its documented range */
    GB_E_USAGE,       /* the user's command line is wrong */
    GB_E_NOMEM,       /* out of memory, or over a stated size limit */
    GB_E_IO,          /* a file could not be opened, read, written */
    GB_E_NOT_FOUND,   /* a named thing (file, tensor, id) does not exist */
    GB_E_FORMAT,      /* bytes are not what their format promises */
    GB_E_UNSUPPORTED, /* valid, but not handled here */
    GB_E_DEVICE,      /* a device is missing or failed */
    GB_E_NUMERIC,     /* NaN or infinity where a number must be, or a value that the formula does not have */
    GB_E_MISMATCH,    /* two things that must agree do not (shape, size, checksum) */
    GB_E_WORSE,       /* a comparison's verdict: worse than the baseline, a row missing, or undecided */
    GB_E_UNLIKE,      /* two runs that cannot be compared: their fingerprints differ */
    GB_E_NO_BASELINE, /* nothing to compare with */
} gb_status;

typedef struct gb_error {
    gb_status code;
    char text[1024];
} gb_error;

/* A short name such as "format"; never NULL. */
GB_API const char *gb_status_name(gb_status code);

/* GB_VERSION and GB_API_VERSION of the library that is loaded, for comparison with those compiled against. */
GB_API const char *gb_library_version(void);
GB_API int gb_library_api_version(void);

/* ---- Pictures ---- */

/* 8-bit RGB, sRGB values as stored; row y begins at rgb + y * stride and has width * 3 bytes. At most 16384 a side. */
typedef struct gb_picture {
    int width, height;
    size_t stride; /* bytes from row to row, at least width * 3 */
    uint8_t *rgb;
} gb_picture;

/* PNG or JPEG, told by content; 16 bits, grey, palettes and alpha become 8-bit RGB (alpha is dropped). GB_E_IO,
 * GB_E_NOT_FOUND, GB_E_FORMAT. Only pictures from here go to gb_picture_free, which zeroes them. */
GB_API gb_status gb_picture_read(const char *path, gb_picture *out, gb_error *err) GB_MUST_CHECK;
GB_API void gb_picture_free(gb_picture *picture);
GB_API gb_status gb_picture_write_png(const char *path, const gb_picture *picture, gb_error *err) GB_MUST_CHECK;

/* ---- The frame that handles are made for ----
 *
 * `width` and `height` are those of the wide frame, `side` the width of each of its two invented strips: the known 4:3
 * picture stands between them and is width - 2 * side wide. For scores side may be 0: then only `full` exists. */

/* ---- Scores ---- */

typedef struct gb_scorer gb_scorer;

/* `metrics`: ids with commas between ("psnr_rgb,ssim_gauss11_rgb"), or NULL for "lpips_alex_v0.1,psnr_rgb,
 * ssim_gauss11_rgb"; recipes stand in metrics/README.md. Metrics of two consecutive frames are GB_E_UNSUPPORTED.
 * `weights`: folder that holds LPIPS weights ("lpips_alex_v0.1.ckpt" or ".h5"), or NULL for where `ganime-bench model
 * fetch lpips` puts them; without them GB_E_NOT_FOUND, other weights GB_E_MISMATCH.
 * `device`: "auto", "cpu", "cuda", "cuda:1", "ref"; NULL is "auto". One that is missing is GB_E_DEVICE. */
GB_API gb_status gb_scorer_new(const char *metrics, const char *weights, const char *device, int width, int height,
                               int side, gb_scorer **out, gb_error *err) GB_MUST_CHECK;
GB_API void gb_scorer_free(gb_scorer *scorer);

/* Compares `test` with `truth`, both of the scorer's size (GB_E_MISMATCH otherwise). Values of a comparison that failed
 * are not there. */
GB_API gb_status gb_scorer_compare(gb_scorer *scorer, const gb_picture *truth, const gb_picture *test, gb_error *err)
    GB_MUST_CHECK;

/* A value of the comparison made last. `region`: "full" (the whole frame), "sides" (the strips), "seam" (16 pixels on
 * either side of each seam). GB_E_NUMERIC, with the reason, where the formula has no value, as PSNR of equal frames;
 * GB_E_NOT_FOUND for an unknown metric or region, and for a region that the frame does not have. */
GB_API gb_status gb_scorer_value(const gb_scorer *scorer, const char *metric, const char *region, double *value,
                                 gb_error *err) GB_MUST_CHECK;

/* ---- Widening ---- */

typedef struct gb_extender gb_extender;

/* `generator`: an id such as "mirror" or "lama-fourier" (`ganime-bench list generators`). `weights`: a checkpoint, for
 * generators that are nets: .pt .pth .ckpt .safetensors .h5 or a numpy pickle; nothing in it is executed. A net without
 * is GB_E_ARG, and so is a baseline with one. Every tensor is checked by name and shape (GB_E_MISMATCH). `device` as
 * above. */
GB_API gb_status gb_extender_new(const char *generator, const char *weights, const char *device, int width, int height,
                                 int side, gb_extender **out, gb_error *err) GB_MUST_CHECK;
GB_API void gb_extender_free(gb_extender *extender);

/* Widens `narrow`, which is width - 2 * side pixels wide, into the caller's `wide`, whose pixels are overwritten. The
 * known centre is copied bit for bit. */
GB_API gb_status gb_extender_run(gb_extender *extender, const gb_picture *narrow, const gb_picture *wide, gb_error *err)
    GB_MUST_CHECK;

#ifdef __cplusplus
}
#endif

#endif
