/* Made by tests/reference/make_temporal.py with OpenCV 5.0.0 */
static const temporal_value temporal_values[GB_REGION_COUNT] = {
    [GB_REGION_FULL] = {0.0956579433, 0.00162480649, 0.00256580253},
    [GB_REGION_SIDES] = {0.200264999, 0.0038047213, 0.0038381086},
    [GB_REGION_SEAM] = {0.133590079, 0.0020626426, 0.00332486559},
};
static const unsigned scene_sum = 9751806;
