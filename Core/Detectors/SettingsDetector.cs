using System.Globalization;
using SensorGrid.Core.Catalog;

namespace SensorGrid.Core.Detectors;

/// <summary>
/// A detector made from a record of settings. Two of the same type with equal settings are equal: each can go on with the other's
/// state, and sensors with equal rules share one.
/// </summary>
public abstract class SettingsDetector<TState, TSettings>(TSettings settings) : Detector<TState>
    where TState : unmanaged
    where TSettings : class, IEquatable<TSettings>
{
    public TSettings Settings { get; } = settings;

    public sealed override ulong SettingsHash { get; } = HashOf(settings);

    public sealed override bool Equals(object? obj) =>
        obj is SettingsDetector<TState, TSettings> other && Settings.Equals(other.Settings);

    public sealed override int GetHashCode() => Settings.GetHashCode();

    public sealed override string ToString() => $"{Name} {Settings}";

    private static ulong HashOf(TSettings settings) => StableHash.Of(string.Concat(
        typeof(TSettings).GetProperties()
            .OrderBy(property => property.Name, StringComparer.Ordinal)
            .Select(property => string.Create(CultureInfo.InvariantCulture, $"{property.Name}={property.GetValue(settings)};"))));
}
