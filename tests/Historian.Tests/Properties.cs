using FsCheck;
using FsCheck.Fluent;

namespace SensorGrid.Historian.Tests;

/// <summary>Runs a property on many cases; a failure names the case and FsCheck's seed.</summary>
internal static class Properties
{
    public static void Check<T>(Arbitrary<T> cases, Action<T> check, int runs = 2000) =>
        FsCheck.Check.One(Config.QuickThrowOnFailure.WithMaxTest(runs), Prop.ForAll(cases, check));
}
