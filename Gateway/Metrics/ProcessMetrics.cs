namespace SensorGrid.Gateway.Metrics;

/// <summary>What the process takes, under the names that Prometheus' own clients use.</summary>
internal static class ProcessMetrics
{
    public static IEnumerable<MetricFamily> Read()
    {
        yield return MetricFamily.Of(
            "process_cpu_seconds_total", "User and system CPU time.", MetricKind.Counter, Environment.CpuUsage.TotalTime.TotalSeconds);
        yield return MetricFamily.Of("process_resident_memory_bytes", "Resident memory.", MetricKind.Gauge, Environment.WorkingSet);
        yield return MetricFamily.Of("dotnet_gc_heap_size_bytes", "Managed heap in use.", MetricKind.Gauge, GC.GetTotalMemory(false));
        yield return MetricFamily.Of(
            "dotnet_gc_committed_memory_bytes", "Committed by the collector.", MetricKind.Gauge, GC.GetGCMemoryInfo().TotalCommittedBytes);
        yield return MetricFamily.Of(
            "dotnet_gc_allocated_bytes_total", "Allocated since the start.", MetricKind.Counter, GC.GetTotalAllocatedBytes());
        yield return MetricFamily.Of(
            "dotnet_gc_pause_seconds_total", "Time paused for collections.", MetricKind.Counter, GC.GetTotalPauseDuration().TotalSeconds);
        yield return MetricFamily.Of(
            "dotnet_gc_collections_total", "Collections of any generation.", MetricKind.Counter, GC.CollectionCount(0));
        yield return MetricFamily.Of("dotnet_thread_pool_threads", "Threads of the pool.", MetricKind.Gauge, ThreadPool.ThreadCount);
        yield return MetricFamily.Of(
            "dotnet_thread_pool_queue_length", "Work waiting for a thread.", MetricKind.Gauge, ThreadPool.PendingWorkItemCount);
    }
}
