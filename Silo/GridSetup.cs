using SensorGrid.Core.Rules;

namespace SensorGrid.Silo;

/// <summary>Adds grains, their placement and the services of the grid to a silo.</summary>
internal delegate void GridSetup(ISiloBuilder silo, string connectionString, SiloSettings settings, RuleSet rules);
