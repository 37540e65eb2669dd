namespace SensorGrid.Historian.Segments;

/// <summary>How a block's values are packed. The numbers are persisted and never change; see docs/segment-format.md.</summary>
internal enum ValueForm : byte
{
    /// <summary>Decimal integers of one scale, less the smallest.</summary>
    Offset = 0,

    /// <summary>Decimal integers of one scale, differences to the one before, less the smallest difference.</summary>
    Delta = 1,

    /// <summary>Decimal integers with a scale each.</summary>
    Float = 2,

    /// <summary>Raw bits, exclusive or with the value before.</summary>
    Xor = 3,
}
