namespace SensorGrid.Cli.Replaying;

/// <summary>Shows the user how far a replay is.</summary>
internal interface IReplayProgress
{
    /// <summary>Shows the progress until the work ends, as the work does.</summary>
    /// <param name="work">Is given what to tell of each new status.</param>
    Task<ReplayStatus> ShowAsync(Func<Action<ReplayStatus>, Task<ReplayStatus>> work);
}
