/* Made by tests/reference/make_temporal.py */
static const char opencv_version[] = "4.6.0";
static const temporal_value temporal_values[GB_REGION_COUNT] = {
    [GB_REGION_FULL] = {0.0956579433, 0.00169398714, 0.00256580253},
    [GB_REGION_SIDES] = {0.200264999, 0.00391857045, 0.0038381086},
    [GB_REGION_SEAM] = {0.133590079, 0.00215093381, 0.00332486559},
};
static const unsigned scene_sum = 9751806;
