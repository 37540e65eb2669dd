namespace SensorGrid.Historian.Server;

public sealed record PrivatePostgresOptions
{
    /// <summary>The program's data folder; made where missing.</summary>
    public required string DataFolder { get; init; }

    /// <summary>The port that the program serves on, told to whoever finds the folder taken.</summary>
    public int? Port { get; init; }

    /// <summary>Postgres' shared_buffers in MiB; at most an eighth of the memory is taken, whatever is asked for.</summary>
    public int SharedBuffersMiB { get; init; } = 256;

    /// <summary>How long a start may take, the recovery after a crash included.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long a server left behind by a killed program may take to shut down before it is stopped the hard way.</summary>
    public TimeSpan OrphanTimeout { get; init; } = TimeSpan.FromMinutes(1);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(DataFolder);
        ArgumentOutOfRangeException.ThrowIfLessThan(SharedBuffersMiB, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(StartTimeout, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(OrphanTimeout, TimeSpan.Zero);
    }
}
