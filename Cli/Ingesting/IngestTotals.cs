namespace SensorGrid.Cli.Ingesting;

/// <summary>What has been sent so far. Any thread may call any member.</summary>
internal sealed class IngestTotals(TimeProvider time)
{
    /// <summary>Errors that are kept; the rest is counted.</summary>
    public const int MaxErrors = 10;

    private readonly Lock _lock = new();
    private readonly List<string> _errors = [];
    private readonly long _begin = time.GetTimestamp();
    private long _readings;
    private long _skipped;
    private long _rejected;
    private long _bytes;
    private long _diskBytes;
    private int _files;
    private int _failedFiles;

    public long Readings => Interlocked.Read(ref _readings);

    public long Skipped => Interlocked.Read(ref _skipped);

    public long Rejected => Interlocked.Read(ref _rejected);

    /// <summary>Bytes of text sent.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Bytes of files done with, as they lie on the disk.</summary>
    public long DiskBytes => Interlocked.Read(ref _diskBytes);

    /// <summary>Files sent whole.</summary>
    public int Files => Volatile.Read(ref _files);

    /// <summary>Files that could not be sent, or not whole.</summary>
    public int FailedFiles => Volatile.Read(ref _failedFiles);

    public TimeSpan Elapsed => time.GetElapsedTime(_begin);

    /// <summary>A second.</summary>
    public double Rate => Readings / Math.Max(Elapsed.TotalSeconds, 1e-3);

    /// <summary>The first errors, each with its file and line.</summary>
    public IReadOnlyList<string> Errors
    {
        get
        {
            lock (_lock)
            {
                return [.. _errors];
            }
        }
    }

    public void AddPiece(long readings, long skipped, long rejected, long bytes, long diskBytes)
    {
        Interlocked.Add(ref _readings, readings);
        Interlocked.Add(ref _skipped, skipped);
        Interlocked.Add(ref _rejected, rejected);
        Interlocked.Add(ref _bytes, bytes);
        Interlocked.Add(ref _diskBytes, diskBytes);
    }

    public void AddFile() => Interlocked.Increment(ref _files);

    public void AddFailedFile(string error)
    {
        Interlocked.Increment(ref _failedFiles);
        AddError(error);
    }

    public void AddError(string error)
    {
        lock (_lock)
        {
            if (_errors.Count < MaxErrors)
            {
                _errors.Add(error);
            }
        }
    }
}
