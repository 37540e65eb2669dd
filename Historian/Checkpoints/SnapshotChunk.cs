using System.Buffers.Binary;
using SensorGrid.Historian.Segments;

namespace SensorGrid.Historian.Checkpoints;

/// <summary>
/// The twins of some sensors of a partition: their state, opaque to SQL, and their tails, which SQL reads too. The state begins with a version byte and,
/// from version 2 on, the checksums (CRC-32C, little-endian) of what follows them and of the tails. Version 1 has none.
/// </summary>
public sealed record SnapshotChunk(int Number, ReadOnlyMemory<byte> State, ReadOnlyMemory<byte> Tails)
{
    /// <summary>Chunks of sensors are numbered from 0, those of machines from here.</summary>
    public const int FirstOfMachines = int.MinValue;

    /// <summary>Bytes before the twins' states.</summary>
    public const int HeaderSize = 9;

    private const byte Version = 2;
    private const byte FirstVersion = 1;

    /// <summary>Whether damage of the states is sure to show when they are asked for.</summary>
    public bool HasChecksum => State.Span[0] != FirstVersion;

    /// <summary>The twins' states.</summary>
    /// <exception cref="InvalidDataException">They are damaged or of another version.</exception>
    public ReadOnlySpan<byte> States
    {
        get
        {
            var state = State.Span;
            var version = state.IsEmpty ? 0 : state[0];
            if (version == FirstVersion)
            {
                return state[1..];
            }
            if (version != Version)
            {
                throw new InvalidDataException($"version {version}, this program reads {FirstVersion} and {Version}");
            }
            if (state.Length < HeaderSize || BinaryPrimitives.ReadUInt32LittleEndian(state[1..]) != Bits.Crc32C(state[HeaderSize..]))
            {
                throw new InvalidDataException("the checksum of its states does not match");
            }
            return state[HeaderSize..];
        }
    }

    /// <summary>Whether the tails are what was written, as far as the states, which are whole, can tell.</summary>
    public bool HasWholeTails =>
        !HasChecksum || BinaryPrimitives.ReadUInt32LittleEndian(State.Span[5..]) == Bits.Crc32C(Tails.Span);

    /// <summary>Completes a state whose first <see cref="HeaderSize"/> bytes were left free.</summary>
    public static void WriteHeader(Span<byte> state, ReadOnlySpan<byte> tails)
    {
        state[0] = Version;
        BinaryPrimitives.WriteUInt32LittleEndian(state[1..], Bits.Crc32C(state[HeaderSize..]));
        BinaryPrimitives.WriteUInt32LittleEndian(state[5..], Bits.Crc32C(tails));
    }
}
