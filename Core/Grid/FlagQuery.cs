using SensorGrid.Core.Flags;

namespace SensorGrid.Core.Grid;

/// <param name="From">Flags that end before this are left out.</param>
/// <param name="To">Flags that begin at or after this are left out.</param>
/// <param name="Path">Pattern of <c>factory/machine/sensor</c>; <c>*</c> stands for any characters of a part, parts missing at the end for any; null for all.</param>
/// <param name="State">Null for all.</param>
/// <param name="Limit">At most so many, the newest.</param>
public sealed record FlagQuery(long From = long.MinValue, long To = long.MaxValue, string? Path = null, AlarmState? State = null, int Limit = 1000);
