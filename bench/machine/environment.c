#include "machine/environment.h"

#include <stdlib.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "core/json.h"
#include "core/parallel.h"
#include "version.h"

static void describe_machine(cJSON *object)
{
    struct utsname host;
    if (uname(&host) == 0) {
        cJSON_AddStringToObject(object, "host", host.nodename);
        cJSON_AddStringToObject(object, "system", host.sysname);
        cJSON_AddStringToObject(object, "kernel", host.release);
        cJSON_AddStringToObject(object, "machine", host.machine);
    }
    cJSON_AddNumberToObject(object, "cores", gb_parallel_cores());
    const double bytes = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGE_SIZE);
    gb_json_add_number(object, "memory_gb", (double)(long)(bytes / 1e8) / 10.0);
    double load[1];
    if (getloadavg(load, 1) == 1) gb_json_add_number(object, "load_average", load[0]);
}

cJSON *gb_environment_describe(const gb_backend *backend, const gb_device_info *device, int threads,
                               const gb_roof *roof)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "version", GB_VERSION);
    cJSON_AddStringToObject(object, "commit", gb_version_commit());
    cJSON_AddStringToObject(object, "compiler", gb_version_compiler());
    describe_machine(object);
    cJSON_AddStringToObject(object, "device", backend->id);
    cJSON_AddStringToObject(object, "device_name", device->name);
    cJSON_AddStringToObject(object, "engine", device->library);
    cJSON_AddStringToObject(object, "precision", device->precision);
    cJSON_AddNumberToObject(object, "threads", threads);
    if (roof) {
        gb_json_add_number(object, "roof_gflops", roof->flops * 1e-9);
        gb_json_add_number(object, "roof_gbytes_per_s", roof->bytes * 1e-9);
    }
    gb_json_attach(object, "libraries", gb_version_libraries());
    return object;
}
