namespace SensorGrid.Core.Grid;

public enum AlarmOutcome
{
    /// <summary>The flag is as asked for, on disk, whether it was before or not.</summary>
    Done = 0,

    /// <summary>There is no flag of that id.</summary>
    UnknownFlag = 1,

    /// <summary>The flag's state does not allow it; nothing was changed.</summary>
    NotAllowed = 2,
}
