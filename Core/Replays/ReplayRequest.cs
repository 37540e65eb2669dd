namespace SensorGrid.Core.Replays;

/// <summary>What is to be replayed.</summary>
/// <param name="Path">Pattern of <c>factory/machine/sensor</c>; <c>*</c> stands for any characters of a part, parts missing at the end for any.</param>
/// <param name="From">First time of the span, microseconds since 1970.</param>
/// <param name="To">First time after it.</param>
/// <param name="Window">The size of the windows whose statistics are wanted, microseconds; null for none.</param>
/// <param name="Rules">A rules file in UTF-8; null for the live rules.</param>
public sealed record ReplayRequest(string Path, long From, long To, long? Window = null, ReadOnlyMemory<byte>? Rules = null);
