namespace SensorGrid.Grains.Tests.Processes;

internal enum ClusterFault
{
    /// <summary>SIGKILL of a silo, which is started again.</summary>
    Kill,

    /// <summary>SIGKILL of two silos at once.</summary>
    KillTwo,

    /// <summary>SIGSTOP of a silo until it is declared dead and the others go on without it; SIGCONT then, at which it ends.</summary>
    Freeze,

    /// <summary>SIGSTOP of a silo for some seconds, after which it may have been declared dead or not.</summary>
    Pause,

    /// <summary>SIGTERM and start of one silo after the other.</summary>
    Roll,

    /// <summary>Stop and start of Postgres.</summary>
    RestartPostgres,
}
