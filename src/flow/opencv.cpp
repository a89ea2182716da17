// The one C++ file: OpenCV's optical flow, behind the C of estimate.h. No exception leaves it.
#include <opencv2/imgproc.hpp>
#include <opencv2/video/tracking.hpp>

#include <cstring>
#include <new>

extern "C" {
#include "flow/estimate.h"
}

struct gb_flow_estimator {
    int width, height;
    cv::Ptr<cv::DenseOpticalFlow> engine;
};

namespace {

gb_status fail(gb_error *err, const std::exception &e)
{
    char text[200]; // OpenCV's messages have many lines: the first will do
    std::strncpy(text, e.what(), sizeof text - 1);
    text[sizeof text - 1] = '\0';
    text[std::strcspn(text, "\n")] = '\0';
    return gb_fail(err, GB_E_NUMERIC, "optical flow: OpenCV failed: %s", text);
}

// DIS: fewer patches and steps than medium has are as near to the exact flow of a drawn show (results/temporal.md).
cv::Ptr<cv::DenseOpticalFlow> make_engine(gb_flow_method method)
{
    if (method == GB_FLOW_FARNEBACK) return cv::FarnebackOpticalFlow::create(3, 0.5, false, 15, 3, 5, 1.2, 0);
    const cv::Ptr<cv::DISOpticalFlow> dis = cv::DISOpticalFlow::create(cv::DISOpticalFlow::PRESET_MEDIUM);
    dis->setPatchStride(5);
    dis->setGradientDescentIterations(8);
    if (method == GB_FLOW_DIS_ROUGH) dis->setVariationalRefinementIterations(2);
    return dis;
}

} // namespace

extern "C" gb_status gb_flow_ready(gb_error *err)
{
    (void)err;
    return GB_OK;
}

extern "C" const char *gb_flow_library(void)
{
    return CV_VERSION;
}

extern "C" gb_status gb_flow_estimator_new(gb_flow_method method, int width, int height, gb_flow_estimator **out,
                                           gb_error *err)
{
    gb_flow_estimator *estimator = nullptr;
    if (width < 16 || height < 16)
        return gb_fail(err, GB_E_UNSUPPORTED, "optical flow: expected frames of 16x16 or more, found %dx%d", width,
                       height);
    try {
        cv::setNumThreads(1);
        estimator = new gb_flow_estimator{width, height, nullptr};
        estimator->engine = make_engine(method);
    } catch (const std::exception &e) {
        delete estimator;
        return fail(err, e);
    }
    *out = estimator;
    return GB_OK;
}

extern "C" void gb_flow_estimator_free(gb_flow_estimator *estimator)
{
    delete estimator;
}

extern "C" gb_status gb_flow_grey(gb_flow_estimator *estimator, const gb_image *image, unsigned char *grey,
                                  gb_error *err)
{
    if (image->width != estimator->width || image->height != estimator->height)
        return gb_fail(err, GB_E_MISMATCH, "optical flow: a frame is %dx%d, expected %dx%d", image->width,
                       image->height, estimator->width, estimator->height);
    try {
        const cv::Mat rgb(image->height, image->width, CV_8UC3, image->rgb);
        cv::Mat out(image->height, image->width, CV_8UC1, grey);
        cv::cvtColor(rgb, out, cv::COLOR_RGB2GRAY);
    } catch (const std::exception &e) {
        return fail(err, e);
    }
    return GB_OK;
}

extern "C" gb_status gb_flow_estimate(gb_flow_estimator *estimator, const unsigned char *first,
                                      const unsigned char *second, float *uv, gb_error *err)
{
    const int w = estimator->width, h = estimator->height;
    try {
        const cv::Mat a(h, w, CV_8UC1, const_cast<unsigned char *>(first));
        const cv::Mat b(h, w, CV_8UC1, const_cast<unsigned char *>(second));
        cv::Mat flow; // empty: DIS would begin at a flow that it is given
        estimator->engine->calc(a, b, flow);
        std::memcpy(uv, flow.ptr<float>(), static_cast<size_t>(w) * static_cast<size_t>(h) * 2 * sizeof *uv);
    } catch (const std::exception &e) {
        return fail(err, e);
    }
    return GB_OK;
}
