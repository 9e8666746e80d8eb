"""A Slack of one's own on this machine, as strict as Slack, for any app that speaks HTTP."""

from playground.clock import Clock
from playground.delivery import Answer, Request
from playground.person import Person
from playground.slack import Slack
from playground.workspace import Channel, Message, View

__all__ = ["Answer", "Channel", "Clock", "Message", "Person", "Request", "Slack", "View"]
