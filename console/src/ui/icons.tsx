// Icons, drawn on a grid of 20 and coloured by their text. Decoration: whatever they mean is also said.
import type { ReactNode } from 'react';

function icon(paths: ReactNode) {
  return function Icon({ size = 18 }: { size?: number }) {
    return (
      <svg
        width={size}
        height={size}
        viewBox="0 0 20 20"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.6"
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
        focusable="false"
      >
        {paths}
      </svg>
    );
  };
}

export const LiveIcon = icon(
  <>
    <rect x="2.5" y="3.5" width="6.5" height="5.5" rx="1" />
    <rect x="11" y="3.5" width="6.5" height="5.5" rx="1" />
    <rect x="2.5" y="11" width="6.5" height="5.5" rx="1" />
    <rect x="11" y="11" width="6.5" height="5.5" rx="1" />
  </>,
);
export const IncidentIcon = icon(
  <>
    <path d="M10 3 2.5 16h15z" />
    <path d="M10 8v4M10 14.2v.1" />
  </>,
);
export const CameraIcon = icon(
  <>
    <path d="M2.5 7.5 13 3.5l2 5L4.5 12.5z" />
    <path d="M7 11.5V16M3.5 16H8M15.5 6.5l2 .5-.5 2" />
  </>,
);
export const SystemIcon = icon(
  <>
    <path d="M2.5 11h3l2-6 4 10 2-4h4" />
  </>,
);
export const InsightsIcon = icon(<path d="M3 16.5h14M5 16V11M9 16V5M13 16V8M17 16v-3.5" />);
export const CloseIcon = icon(<path d="m5 5 10 10M15 5 5 15" />);
export const CheckIcon = icon(<path d="m4 10.5 4 4 8-9" />);
export const CrossIcon = icon(
  <>
    <circle cx="10" cy="10" r="7" />
    <path d="m5.2 5.2 9.6 9.6" />
  </>,
);
export const BackIcon = icon(<path d="M12 4 6 10l6 6" />);
export const NextIcon = icon(<path d="m8 4 6 6-6 6" />);
export const DownIcon = icon(<path d="m5 8 5 5 5-5" />);
export const PlusIcon = icon(<path d="M10 4v12M4 10h12" />);
export const TrashIcon = icon(
  <>
    <path d="M4 6h12M8 6V4h4v2M5.5 6l.7 10h7.6l.7-10" />
  </>,
);
export const LockIcon = icon(
  <>
    <rect x="4.5" y="9" width="11" height="7.5" rx="1" />
    <path d="M7 9V6.5a3 3 0 0 1 6 0V9" />
  </>,
);
export const DownloadIcon = icon(<path d="M10 3v9m-3.5-3.5L10 12l3.5-3.5M4 16.5h12" />);
export const PersonIcon = icon(
  <>
    <circle cx="10" cy="6.5" r="3" />
    <path d="M4 16.5c.5-4 3-5.5 6-5.5s5.5 1.5 6 5.5" />
  </>,
);
export const FilterIcon = icon(<path d="M3 5h14M5.5 10h9M8 15h4" />);
export const PauseIcon = icon(<path d="M7 5v10M13 5v10" />);
export const UndoIcon = icon(<path d="M4 8h8a4 4 0 0 1 0 8H7M4 8l3.5-3.5M4 8l3.5 3.5" />);
export const HelpIcon = icon(
  <>
    <circle cx="10" cy="10" r="7" />
    <path d="M8 8a2 2 0 1 1 2.8 1.8c-.6.3-.8.7-.8 1.4M10 13.6v.1" />
  </>,
);
