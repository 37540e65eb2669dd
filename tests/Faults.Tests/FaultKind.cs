namespace SensorGrid.Faults.Tests;

internal enum FaultKind
{
    /// <summary>SIGKILL of the server, which is started again.</summary>
    KillServer,

    /// <summary>SIGKILL of the server, and again while it starts, at any moment of its recovery.</summary>
    KillStartingServer,

    /// <summary>SIGTERM, and SIGKILL while it stops, at any moment of its last checkpoints.</summary>
    KillStoppingServer,

    /// <summary>SIGKILL of Postgres' postmaster.</summary>
    KillPostgres,

    /// <summary>SIGKILL of one of Postgres' other processes.</summary>
    KillBackend,

    /// <summary>SIGKILL of server and postmaster.</summary>
    KillBoth,

    /// <summary>SIGTERM, and a start that must have nothing to replay.</summary>
    Restart,

    /// <summary>SIGSTOP of all of Postgres for some seconds.</summary>
    PausePostgres,

    /// <summary>SIGSTOP of one of Postgres' processes or of all, for longer than the server waits for an answer.</summary>
    PausePostgresForLong,

    /// <summary>SIGKILL of the server while Postgres is stopped.</summary>
    KillServerOfPausedPostgres,

    /// <summary>No space left for Postgres and the server, for some seconds.</summary>
    FullDisk,

    /// <summary>SIGKILL of the server while there is no space left.</summary>
    KillServerOfFullDisk,
}
