namespace SensorGrid.Faults.Tests;

/// <summary>A number that is known exactly, except for what a batch of which nobody knows how often it was applied adds to it.</summary>
internal readonly record struct Bounds(long Least, long Most)
{
    public bool IsExact => Least == Most;

    public bool Holds(long number) => number >= Least && number <= Most;

    public static Bounds operator +(Bounds a, Bounds b) => new(a.Least + b.Least, a.Most + b.Most);

    /// <param name="first">What the one application adds that certainly was.</param>
    /// <param name="again">What each further one adds.</param>
    public Bounds Plus(long first, long again, int repeats) => new(Least + first, Most + first + (again * repeats));

    public override string ToString() => IsExact ? $"{Least}" : $"{Least} to {Most}";
}
