using System.Net;
using System.Reflection;
using SensorGrid.Core.Readings;

namespace SensorGrid.Grains.Tests.Wire;

/// <summary>Random values of a type by its constructor, edges often: NaN of any bits, -0, infinities, nulls where they may be, empty lists.</summary>
internal sealed class AnyValue(Random random)
{
    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly double[] Edges =
    [
        double.NaN, BitConverter.Int64BitsToDouble(0x7FF8_0000_0000_0001), -0.0, 0, double.PositiveInfinity, double.NegativeInfinity, double.Epsilon, double.MaxValue, double.MinValue,
    ];

    public object Of(Type type)
    {
        if (type == typeof(double))
        {
            return random.Next(2) == 0 ? Edges[random.Next(Edges.Length)] : BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue));
        }
        if (type == typeof(long))
        {
            return random.Next(4) switch { 0 => long.MinValue, 1 => long.MaxValue, 2 => 0L, _ => random.NextInt64() };
        }
        if (type == typeof(int))
        {
            return random.Next(4) switch { 0 => int.MinValue, 1 => int.MaxValue, 2 => 0, _ => random.Next() };
        }
        if (type == typeof(bool))
        {
            return random.Next(2) == 0;
        }
        if (type == typeof(byte))
        {
            return (byte)random.Next(256);
        }
        if (type == typeof(string))
        {
            return random.Next(4) switch { 0 => "", 1 => "Straße 東京 \ud83c\udfed", 2 => new string('x', random.Next(300)), _ => "f/m/s" };
        }
        if (type == typeof(TimeSpan))
        {
            return TimeSpan.FromTicks((long)Of(typeof(long)));
        }
        if (type == typeof(ReadOnlyMemory<byte>))
        {
            var bytes = new byte[random.Next(100)];
            random.NextBytes(bytes);
            return new ReadOnlyMemory<byte>(bytes);
        }
        if (type == typeof(SiloAddress))
        {
            return SiloAddress.New(new IPAddress(random.NextInt64(1L << 32)), random.Next(1 << 16), random.Next());
        }
        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return values.GetValue(random.Next(values.Length))!;
        }
        if (type == typeof(Reading))
        {
            return new Reading(random.Next(3) switch { 0 => EventTime.Min, 1 => EventTime.Max, _ => random.NextInt64(EventTime.Max) }, (double)Of(typeof(double)), (Quality)random.Next(3));
        }
        var item = type.IsArray ? type.GetElementType() : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;
        return item is null ? Construct(type) : List(item);
    }

    private Array List(Type item)
    {
        var list = Array.CreateInstance(item, random.Next(4) * random.Next(4));
        for (var i = 0; i < list.Length; i++)
        {
            list.SetValue(Of(item), i);
        }
        return list;
    }

    private object Construct(Type type)
    {
        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(Argument)]);
    }

    private object? Argument(ParameterInfo parameter)
    {
        var type = Nullable.GetUnderlyingType(parameter.ParameterType);
        var mayBeNull = type is not null || (!parameter.ParameterType.IsValueType && Nullability.Create(parameter).WriteState == NullabilityState.Nullable);
        return mayBeNull && random.Next(2) == 0 ? null : Of(type ?? parameter.ParameterType);
    }
}
