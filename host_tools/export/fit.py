"""A session as a Garmin FIT activity: every column of every unsampled table as a developer field.

A step is a `record` message, a row of another table an `event` message, whose
developer fields bear the table's name before the column's.
Times of FIT are whole seconds; the developer field t_s holds the rest. Where
the clip's clock was not set, times count from the clip's power-on, which FIT
tells from dates by their size (FIT protocol, date_time: below 0x10000000).
Numbers are float64; what is not known is FIT's invalid value.
"""

import uuid
from pathlib import Path

import numpy as np
from fit_tool.base_type import BaseType
from fit_tool.data_message import DataMessage
from fit_tool.developer_field import DeveloperField
from fit_tool.fit_file_builder import FitFileBuilder
from fit_tool.profile.messages.activity_message import ActivityMessage
from fit_tool.profile.messages.developer_data_id_message import DeveloperDataIdMessage
from fit_tool.profile.messages.event_message import EventMessage
from fit_tool.profile.messages.field_description_message import FieldDescriptionMessage
from fit_tool.profile.messages.file_id_message import FileIdMessage
from fit_tool.profile.messages.lap_message import LapMessage
from fit_tool.profile.messages.record_message import RecordMessage
from fit_tool.profile.messages.session_message import SessionMessage
from fit_tool.profile.profile_type import Event, EventType, FileType, Manufacturer, Sport

from host_tools.errors import HipCueError
from host_tools.export.provenance import unix_ms_at
from host_tools.export.tables import SAMPLED, TABLES, present
from host_tools.files import replacing

EPOCH_MS = 631065600000  # FIT's: 31 December 1989, UTC
APPLICATION = uuid.uuid5(uuid.NAMESPACE_URL, "hipcue")
FILE_NAME = "activity.fit"


def write(session, folder, output):
    """Write `session` into `folder` as one FIT file; return its path in a list. HipCueError without a step."""
    tables = {name: values for name, values in present(session).items() if name not in SAMPLED}
    if not len(tables["steps"]["t_s"]):
        raise HipCueError("This log holds no step, and a FIT activity needs one; export as csv.")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    builder = FitFileBuilder()
    for message in _head(session, tables):
        builder.add(message)
    fields = _fields(tables, builder)
    # One local number a table, so that a definition is written once for each and not between all messages.
    templates = {name: _template(name, number) for number, name in enumerate(tables, start=1)}
    rows = sorted((row for name in tables for row in _rows(name, tables[name])), key=lambda row: row[1][0])
    for name, row in output.each(rows, "rows", FILE_NAME):
        builder.add(_message(session, templates[name], fields[name], row))
    for message in _tail(session, rows[0][1][0], rows[-1][1][0]):
        builder.add(message)
    with replacing(folder / FILE_NAME) as new:
        new.write_bytes(builder.build_bytes())
    return [folder / FILE_NAME]


def _head(session, tables):
    """Return the messages that begin the file: what it is, and who defines the developer fields."""
    file_id = FileIdMessage()
    file_id.type = FileType.ACTIVITY
    file_id.manufacturer = Manufacturer.DEVELOPMENT.value
    file_id.product = 0
    file_id.serial_number = int(session.clip or "0", 16) & 0xFFFFFFFF
    file_id.time_created = _fit_time(session, tables["steps"]["t_s"][0])
    developer = DeveloperDataIdMessage()
    developer.developer_data_index = 0
    developer.application_id = list(APPLICATION.bytes)
    return [file_id, developer]


def _fields(tables, builder):
    """Describe a field for each column to `builder`; return {table: ((number, Column, base type, bytes), ...)}."""
    made, number = {}, 0
    for name, values in tables.items():
        rows = []
        for column in TABLES[name]:
            text = column.decimals is None
            base_type = BaseType.STRING if text else BaseType.FLOAT64
            size = max((len(word.encode()) for word in values[column.name]), default=0) + 1 if text else base_type.size
            description = FieldDescriptionMessage()
            description.developer_data_index = 0
            description.field_definition_number = number
            description.fit_base_type_id = base_type.value
            description.field_name = column.name if name == "steps" else "%s_%s" % (name, column.name)
            description.units = column.unit
            description.native_mesg_num = RecordMessage.ID if name == "steps" else EventMessage.ID
            builder.add(description)
            rows.append((number, column, base_type, size))
            number += 1
        made[name] = tuple(rows)
    return made


def _rows(name, values):
    """Yield (table, values in the columns' order); the first is the time."""
    lists = (value if isinstance(value, list) else value.tolist() for value in values.values())
    for row in zip(*lists, strict=True):
        yield name, row


def _template(name, local_id):
    """Return a message with what all rows of a table share; its other fields, 90 of a record's, are left out."""
    if name == "steps":
        message = RecordMessage(local_id=local_id)
    else:
        message = EventMessage(local_id=local_id)
        message.event, message.event_type = Event.USER_MARKER, EventType.MARKER
    message.timestamp = EPOCH_MS
    message.fields = [field for field in message.fields if field.is_valid()]
    return message


def _message(session, template, described, row):
    """Return `template` with the time and the values of `row`."""
    fields = {field.name: type(field)() for field in template.fields}
    for field in template.fields:
        fields[field.name].set_value(0, field.get_value(0))
    fields["timestamp"].set_value(0, _fit_time(session, row[0]))
    developer_fields = []
    for (number, column, base_type, size), value in zip(described, row, strict=True):
        developer_fields.append(DeveloperField(number, column.name, base_type, units=column.unit, size=size))
        developer_fields[-1].set_value(0, value)
    return DataMessage(
        template.local_id, template.global_id, name=template.name, fields=list(fields.values()),
        developer_fields=developer_fields,
    )  # fmt: skip


def _tail(session, from_s, to_s):
    """Return the messages that close an activity of one lap."""
    made = []
    for kind, event in ((LapMessage, Event.LAP), (SessionMessage, Event.SESSION), (ActivityMessage, Event.ACTIVITY)):
        message = kind()
        message.timestamp = _fit_time(session, to_s)
        message.event, message.event_type = event, EventType.STOP
        message.total_timer_time = to_s - from_s
        if kind is not ActivityMessage:
            message.message_index = 0
            message.start_time = _fit_time(session, from_s)
            message.total_elapsed_time = to_s - from_s
            message.sport = Sport.RUNNING
        made.append(message)
    made[1].first_lap_index, made[1].num_laps = 0, 1
    made[2].num_sessions = 1
    return made


def _fit_time(session, t_s):
    """Return whole seconds as fit-tool takes them, in ms since 1970: of the day, or since power-on."""
    unix_ms = unix_ms_at(session, t_s)
    return int(np.floor((EPOCH_MS + t_s * 1000 if unix_ms is None else unix_ms) / 1000)) * 1000
