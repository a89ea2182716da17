/* Cards as cuDNN's device properties describe them; from NVIDIA's data sheets and architecture tables. */
#ifndef TESTS_CUDA_DEVICES_H
#define TESTS_CUDA_DEVICES_H

typedef struct device_facts {
    const char *name;
    int version, processors, shared, l2, blocks, threads;
    long memory, clock, memory_clock;
} device_facts;

/* version: compute capability x 100; shared: bytes a block may opt in to; l2: bytes; blocks and threads: per processor;
 * clocks in kHz. */
static const device_facts devices[] = {
    {"A100", 800, 108, 166912, 41943040, 32, 2048, 85899345920, 1410000, 1593000},
    {"L40S", 890, 142, 101376, 100663296, 24, 1536, 48318382080, 2520000, 9001000},
    {"H100", 900, 132, 232448, 52428800, 32, 2048, 85899345920, 1980000, 2619000},
    {"B200", 1000, 148, 232448, 132644864, 32, 2048, 193273528320, 1965000, 3996000},
};
#define DEVICE_COUNT (sizeof devices / sizeof devices[0])

static inline void device_json(const device_facts *d, char *out, size_t size)
{
    snprintf(
        out, size,
        "{\"maxGridSize\":[2147483647,65535,65535],\"maxBlockSize\":[1024,1024,64],\"regsPerBlock\":65536,"
        "\"multiProcessorCount\":%d,\"warpSize\":32,\"maxSharedMemoryPerBlock\":49152,"
        "\"maxSharedMemoryPerBlockOptin\":%d,\"reservedSharedMemoryPerBlock\":1024,\"maxRegistersPerSM\":65536,"
        "\"maxCtasPerSM\":%d,\"maxThreadsPerBlock\":1024,\"maxThreadsPerSM\":%d,\"pciDeviceId\":0,\"isTccDriver\":0,"
        "\"supportCoopLaunch\":1,\"smClockRateKHz\":%ld,\"memClockRateKHz\":%ld,\"l2CacheSize\":%d,"
        "\"deviceName\":\"%s\",\"deviceVer\":%d,\"driverVer\":13000,\"cudaDeviceId\":0,\"totalGlobalMem\":%ld}",
        d->processors, d->shared, d->blocks, d->threads, d->clock, d->memory_clock, d->l2, d->name, d->version,
        d->memory);
}

#endif
