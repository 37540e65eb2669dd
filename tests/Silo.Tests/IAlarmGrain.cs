namespace SensorGrid.Silo.Tests;

/// <summary>A grain that is woken by a reminder and counts how often.</summary>
public interface IAlarmGrain : IGrainWithStringKey
{
    Task SetAsync();

    Task<int> CountAsync();

    Task UnsetAsync();
}
