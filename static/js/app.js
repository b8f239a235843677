// Makes pages quicker and forms kinder. Every page works without it.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
  createAll,
} from "govuk-frontend";
import { DatePicker } from "@ministryofjustice/frontend";

document.body.classList.add("js-enabled", "govuk-frontend-supported");
for (const component of [
  Button,
  CharacterCount,
  Checkboxes,
  DatePicker,
  ErrorSummary,
  NotificationBanner,
  PasswordInput,
  Radios,
  ServiceNavigation,
  SkipLink,
]) {
  createAll(component);
}
