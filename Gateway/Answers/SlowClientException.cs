namespace SensorGrid.Gateway.Answers;

/// <summary>A client takes nothing of its answer: it is to be cut off.</summary>
internal sealed class SlowClientException() : Exception("the client took nothing of its answer for too long");
