/* Stands in for opencv.cpp where the program is built without OpenCV. */
#include "flow/estimate.h"

gb_status gb_flow_ready(gb_error *err)
{
    return gb_fail(err, GB_E_UNSUPPORTED,
                   "built without OpenCV: install libopencv-video-dev and g++, then `make clean` and `make` again");
}

const char *gb_flow_library(void)
{
    return 0;
}

gb_status gb_flow_estimator_new(gb_flow_method method, int width, int height, gb_flow_estimator **out, gb_error *err)
{
    (void)method;
    (void)width;
    (void)height;
    (void)out;
    return gb_flow_ready(err);
}

void gb_flow_estimator_free(gb_flow_estimator *estimator)
{
    (void)estimator;
}

gb_status gb_flow_grey(gb_flow_estimator *estimator, const gb_image *image, unsigned char *grey, gb_error *err)
{
    (void)estimator;
    (void)image;
    (void)grey;
    return gb_flow_ready(err);
}

gb_status gb_flow_estimate(gb_flow_estimator *estimator, const unsigned char *first, const unsigned char *second,
                           float *uv, gb_error *err)
{
    (void)estimator;
    (void)first;
    (void)second;
    (void)uv;
    return gb_flow_ready(err);
}
