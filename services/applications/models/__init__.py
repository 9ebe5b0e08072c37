"""Applications' tables. All but `due_documents` are under row-level security."""

from services.applications.models.applications import access_failures as access_failures
from services.applications.models.applications import applications as applications
from services.applications.models.applications import audit_entries as audit_entries
from services.applications.models.applications import inquiries as inquiries
from services.applications.models.applications import items as items
from services.applications.models.applications import staff_tasks as staff_tasks
from services.applications.models.applications import steps as steps
from services.applications.models.base import metadata as metadata
from services.applications.models.papers import WAKES as WAKES
from services.applications.models.papers import documents as documents
from services.applications.models.papers import due_documents as due_documents
from services.applications.models.papers import upload_parts as upload_parts
from services.applications.models.papers import uploads as uploads
