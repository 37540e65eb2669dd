using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;

namespace SensorGrid.Grains;

/// <summary>A factory. The key is its name. Answers hold all that was acknowledged before the question.</summary>
public interface IFactoryGrain : IGrainWithStringKey
{
    /// <exception cref="UnknownPathException">There is no such factory; the grain is gone again.</exception>
    Task<FactoryView> GetTwinAsync();

    /// <inheritdoc cref="IGrid.GetStatisticsAsync"/>
    /// <exception cref="UnknownPathException">There is no such factory; the grain is gone again.</exception>
    Task<StatisticsSeries[]> GetStatisticsAsync(long from, long to, long windowSize);

    /// <summary>The flags of all that is below it that are open.</summary>
    /// <exception cref="UnknownPathException">There is no such factory; the grain is gone again.</exception>
    Task<Flag[]> GetOpenFlagsAsync();
}
