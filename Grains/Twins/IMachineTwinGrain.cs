namespace SensorGrid.Grains.Twins;

/// <summary>The key is the machine's path.</summary>
internal interface IMachineTwinGrain : ITwinGrain;
