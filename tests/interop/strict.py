"""Read what is signed as strictly as section 5 asks.

protobuf forgives much; two readers that forgive differently would read two
messages out of one signature.  This walks the bytes with the descriptor as its
map and raises Broken; only then is it safe to parse them.
"""

from google.protobuf.descriptor import FieldDescriptor as F

from trust import need

WIRE = {F.TYPE_STRING: 2, F.TYPE_BYTES: 2, F.TYPE_MESSAGE: 2}
BITS = {F.TYPE_UINT32: 32, F.TYPE_UINT64: 64, F.TYPE_BOOL: 1}
DEPTH, LIST, TEXT, FIELDS = 5, 64, 512, 1024


def varint(raw, at):
    """(number, where it ends)."""
    value = 0
    for n in range(10):
        need(at < len(raw), "it ends early")
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << 7 * n
        if byte < 0x80:
            need(byte or n == 0, "a number longer than needed")
            need(value < 1 << 64, "a number above 64 bits")
            return value, at
    need(False, "a number above 64 bits")


def check_number(field, value):
    if field.type == F.TYPE_ENUM:
        need(value and value in field.enum_type.values_by_number,
             f"{field.name}: not one of the list")
    elif field.type in BITS:
        need(value < 1 << BITS[field.type], f"{field.name}: out of range")


def check_bytes(field, value, left, depth):
    if field.type == F.TYPE_MESSAGE:
        walk(field.message_type, value, left, depth + 1)
    elif field.type == F.TYPE_STRING:
        need(len(value) <= TEXT and b"\0" not in value,
             f"{field.name}: too long, or NUL")
        try:
            value.decode("utf-8")
        except UnicodeDecodeError:
            need(False, f"{field.name}: not UTF-8")
    elif WIRE.get(field.type) != 2:                     # packed
        need(field.label == F.LABEL_REPEATED, f"{field.name}: another type")
        at, n = 0, 0
        while at < len(value):
            number, at = varint(value, at)
            check_number(field, number)
            n += 1
        return n
    return 1


def walk(descriptor, raw, left, depth=1):
    """Check the bytes of one message."""
    need(depth <= DEPTH, "too deep")
    at, seen, members = 0, {}, set()
    while at < len(raw):
        left[0] -= 1
        need(left[0] >= 0, "too many fields")
        tag, at = varint(raw, at)
        need(tag < 1 << 32, "a field number out of range")
        field = descriptor.fields_by_number.get(tag >> 3)
        need(field is not None, f"an unknown field {tag >> 3}")
        if tag & 7 == 0:
            value, at = varint(raw, at)
            need(field.type not in WIRE, f"{field.name}: another type")
            check_number(field, value)
            n = 1
        else:
            need(tag & 7 == 2, f"{field.name}: another type")
            size, at = varint(raw, at)
            need(size <= len(raw) - at, "it ends early")
            n = check_bytes(field, raw[at:at + size], left, depth)
            at += size
        seen[field.name] = seen.get(field.name, 0) + n
        repeated = field.label == F.LABEL_REPEATED
        need(seen[field.name] <= (LIST if repeated else 1),
             f"{field.name}: twice, or too many")
        if field.containing_oneof is not None:
            members.add(field.name)
            need(len(members) == 1, "two members of one oneof")


def read(message, raw):
    """Parse ${raw} as a ${message} class, strictly."""
    walk(message.DESCRIPTOR, raw, [FIELDS])
    return message.FromString(raw)
